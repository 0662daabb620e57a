/** What the kernel's calls cost from TypeScript: the floor under every page the collector publishes. */
import { Mapping, Memfd, threadCpuNs, threadId, Userfaultfd } from '../../native/index.js';
import type { MicroBenchmark, OpenSuite, Suite } from './harness.js';

const pageBytes = 4096;
/** Pages of a mapping that is used up by one sample: enough that the clock's resolution does not matter. */
const arenaPages = 4096;
const arenaBytes = arenaPages * pageBytes;
const lengths = [1, 16, 512] as const;

/** The addon alone: the least a call can cost, and one that every worker makes. */
const calls: Suite = {
  name: 'addon',
  open: () => ({
    benchmarks: [
      { name: 'threadId()', run: () => void threadId() },
      { name: 'threadCpuNs()', run: () => void threadCpuNs() },
    ],
    close: () => {},
  }),
};

/** A memfd seen twice, one view armed: what `continue` works on. */
function openTwin(benchmarks: (twin: Twin) => MicroBenchmark[]): OpenSuite {
  const memfd = Memfd.create(arenaBytes);
  const workspace = Mapping.shared(memfd);
  const view = Mapping.shared(memfd);
  const uffd = Userfaultfd.open({ features: ['MINOR_SHMEM', 'MISSING_SHMEM'] });
  new Uint8Array(workspace.buffer).fill(1);
  uffd.register(view, 0, arenaBytes, { missing: true, minor: true });
  return {
    benchmarks: benchmarks({ view, uffd }),
    close: () => {
      uffd.close();
      for (const part of [view, workspace, memfd]) part.close();
    },
  };
}

interface Twin {
  readonly view: Mapping;
  readonly uffd: Userfaultfd;
}

const plural = (pages: number): string => (pages === 1 ? '1 page' : `${pages} pages`);

/** Walks the arena: each operation takes the next `pages`. A result that is not their length ends the benchmark. */
function walk(pages: number, what: string, operation: (offset: number, length: number) => number): () => void {
  const length = pages * pageBytes;
  let offset = 0;
  return () => {
    const done = operation(offset, length);
    if (done !== length) throw new Error(`${what} of ${length} bytes answered ${done}`);
    offset = (offset + length) % arenaBytes;
  };
}

const publishByContinue: Suite = {
  name: 'UFFDIO_CONTINUE',
  open: () =>
    openTwin(({ view, uffd }) =>
      lengths.map((pages) => ({
        name: plural(pages),
        pages,
        run: walk(pages, 'CONTINUE', (offset, length) => uffd.tryContinue(view, offset, length)),
        supply: { renew: () => view.advise(0, arenaBytes, 'dontneed'), operations: arenaPages / pages },
      })),
    ),
};

const publishByCopy: Suite = {
  name: 'UFFDIO_COPY',
  open: () => {
    const workspace = Mapping.anonymous(arenaBytes);
    const view = Mapping.anonymous(arenaBytes);
    const uffd = Userfaultfd.open();
    new Uint8Array(workspace.buffer).fill(1);
    uffd.register(view, 0, arenaBytes, { missing: true });
    return {
      benchmarks: lengths.map((pages) => ({
        name: plural(pages),
        pages,
        run: walk(pages, 'COPY', (offset, length) => uffd.tryCopy(view, offset, workspace, offset, length)),
        supply: { renew: () => view.advise(0, arenaBytes, 'dontneed'), operations: arenaPages / pages },
      })),
      close: () => {
        uffd.close();
        for (const part of [view, workspace]) part.close();
      },
    };
  },
};

const wake: Suite = {
  name: 'UFFDIO_WAKE',
  open: () => openTwin(({ view, uffd }) => [{ name: 'nobody waits', run: () => uffd.wake(view, 0, pageBytes) }]),
};

const disarm: Suite = {
  name: 'MADV_DONTNEED on the armed view',
  open: () =>
    openTwin(({ view, uffd }) =>
      lengths.map((pages) => ({
        name: plural(pages),
        pages,
        run: walk(pages, 'MADV_DONTNEED', (offset, length) => {
          view.advise(offset, length, 'dontneed');
          return length;
        }),
        supply: {
          renew: () => {
            view.advise(0, arenaBytes, 'dontneed');
            uffd.continue(view, 0, arenaBytes);
          },
          operations: arenaPages / pages,
        },
      })),
    ),
};

export const nativeSuites: readonly Suite[] = [calls, publishByContinue, publishByCopy, wake, disarm];
