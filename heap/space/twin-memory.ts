/** The memfd of a twin heap and its mappings: ordinary pages, or reserved ones of 2 MiB. */
import { howToReserve, hugePages, hugePagesOfCgroup, Mapping, Memfd, SystemCallError } from '../../native/index.js';
import { HUGE_PAGE_BYTES } from '../address.js';
import { HeapError } from '../errors.js';
import type { Layout } from '../layout.js';
import { openAll } from '../opened.js';
import type { SpaceOptions } from './options.js';

export interface TwinMemory {
  readonly memfd: Memfd;
  readonly workspace: Mapping;
  readonly views: readonly Mapping[];
}

export function isHuge({ pageBytes }: Pick<Layout, 'pageBytes'>): boolean {
  return pageBytes === HUGE_PAGE_BYTES;
}

/**
 * The first mapping of a memfd of huge pages reserves a page for every one of its bytes, and the others share in that:
 * so a heap has all its memory when this returns. Throws HeapError 'huge-pages' where there are too few.
 */
export function mapTwin(
  layout: Layout,
  banks: number,
  { workspaceHugePages, coreDump }: Pick<SpaceOptions, 'workspaceHugePages' | 'coreDump'>,
): TwinMemory {
  const huge = isHuge(layout);
  try {
    return openAll((own) => {
      const memfd = own(Memfd.create(layout.spanBytes, { name: 'continuum-heap', hugePages: huge }));
      const workspace = own(Mapping.shared(memfd, { dumped: coreDump === 'heap' }));
      // Never a transparent huge page in a view: one entry of the page table would show 511 pages nobody published.
      const view = () => own(Mapping.shared(memfd, { noHugePages: !huge, dumped: false }));
      const views = Array.from({ length: banks }, view);
      if (workspaceHugePages && !huge) askForHugePages(workspace);
      return { memfd, workspace, views };
    });
  } catch (error) {
    throw huge && error instanceof SystemCallError && error.code === 'ENOMEM' ? tooFew(layout, error) : error;
  }
}

/** A wish: where the system has no such pages, or allows none for shared memory, pages stay 4 KiB. */
function askForHugePages(workspace: Mapping): void {
  try {
    workspace.advise(0, workspace.bytes, 'hugepage');
  } catch (error) {
    if (!(error instanceof SystemCallError && error.code === 'EINVAL')) throw error; // a kernel without them
  }
}

function tooFew({ bytes, spanBytes }: Layout, cause: Error): HeapError {
  const needed = spanBytes / HUGE_PAGE_BYTES;
  const { total, free } = hugePages();
  const group = hugePagesOfCgroup();
  if (free >= needed && group !== undefined) {
    const message =
      `a heap of ${bytes / 2 ** 20} MiB needs ${needed} pages of 2 MiB, one for the null region among them, ` +
      `and the cgroup may have ${group.pages}: as root, echo ${needed * HUGE_PAGE_BYTES} or more > ${group.file}`;
    return new HeapError('huge-pages', message, { cause });
  }
  const message =
    `a heap of ${bytes / 2 ** 20} MiB needs ${needed} pages of 2 MiB, one for the null region among them, ` +
    `and of ${total} reserved ${free} are free: ${howToReserve(needed)}`;
  return new HeapError('huge-pages', message, { cause });
}
