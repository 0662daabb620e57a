/**
 * Somebody outside who reads all of a heap's views: before and after each thing that this thread does to one, so in the
 * moments in which a view is between two states as well; and all the time, from another thread.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Mapping, Userfaultfd } from '../../native/index.js';
import { peek, READERS } from './inject.js';

const PAGE_BYTES = 4096;
/** Between two looks of the thread: it is not to have a processor for itself. */
const PAUSE_MS = 5;

/** What is done to a whole view, and by whom. */
const STEPS = [
  [Userfaultfd.prototype, ['register', 'unregister']],
  [Mapping.prototype, ['renew', 'moveTo', 'advise', 'protect']],
] as const;

export interface Reads {
  /** Looks at a view as a whole; pages that could be read, and pages that were refused. */
  readonly looks: number;
  readonly read: number;
  readonly refused: number;
}

/** Where views stand: they never change their addresses. */
interface Range {
  readonly address: number;
  readonly bytes: number;
}

/** Reads beside every step of this thread from here on, by both kinds of readers. Returns what it has read so far. */
export function readBesideSteps(): {
  readonly views: readonly Range[];
  /** The heap that it has read so far is closed. */
  forget(): void;
  reads(): Reads;
} {
  const views = new Map<number, Range>();
  let looks = 0;
  let read = 0;
  let pages = 0;
  const look = () => {
    for (const { address, bytes } of views.values()) {
      for (const reader of READERS) {
        read += peek(reader, address, bytes, PAGE_BYTES);
        pages += bytes / PAGE_BYTES;
      }
      looks++;
    }
  };
  for (const [prototype, names] of STEPS) {
    for (const name of names) {
      const methods = prototype as unknown as Record<string, (this: unknown, ...args: unknown[]) => unknown>;
      const real = methods[name]!;
      methods[name] = function (...args) {
        // A view is what is put under watch, or loses its permissions.
        const mapping = this instanceof Mapping ? this : (args[0] as Mapping);
        if (name === 'register' || (name === 'protect' && args[2] === 'none')) {
          views.set(mapping.address, { address: mapping.address, bytes: mapping.bytes });
        }
        if (views.has(mapping.address)) look();
        const result = real.apply(this, args);
        if (views.has(mapping.address)) look();
        return result;
      };
    }
  }
  return {
    get views() {
      return [...views.values()];
    },
    forget: () => views.clear(),
    reads: () => ({ looks, read, refused: pages - read }),
  };
}

/** Reads them over and over from a thread of its own. */
export function readAllTheTime(views: readonly Range[]): { stop(): Promise<void> } {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: { foreignReader: true, views, stop } });
  return {
    async stop() {
      Atomics.store(stop, 0, 1);
      Atomics.notify(stop, 0);
      await new Promise((ended) => worker.on('exit', ended));
    },
  };
}

const task = workerData as { foreignReader?: true; views: readonly Range[]; stop: Int32Array } | null;
if (!isMainThread && task?.foreignReader) {
  while (Atomics.wait(task.stop, 0, 0, PAUSE_MS) === 'timed-out') {
    for (const { address, bytes } of task.views) for (const reader of READERS) peek(reader, address, bytes, PAGE_BYTES);
  }
}
