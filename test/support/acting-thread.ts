/**
 * A thread that does one thing to memory which may block it, in a fault or until an event has been read, so that the
 * main thread of a test can look at it meanwhile.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Advice, Mapping, Memfd } from '../../native/memory.js';
import { threadId } from '../../native/system.js';
import { Userfaultfd } from '../../native/userfaultfd.js';

export type Action =
  /** Results in the byte that is there afterwards. */
  | { readonly do: 'touch'; readonly mapping: number; readonly offset: number; readonly write?: number }
  /** The first byte of each page, in order. Results in their sum. */
  | { readonly do: 'sum'; readonly mapping: number }
  | {
      readonly do: 'advise';
      readonly mapping: number;
      readonly offset: number;
      readonly length: number;
      readonly advice: Advice;
    }
  | { readonly do: 'punch'; readonly memfd: number; readonly offset: number; readonly length: number }
  | { readonly do: 'moveTo'; readonly mapping: number; readonly target: number }
  | { readonly do: 'renew' | 'close'; readonly mapping: number }
  /** The next message. Results in its event, or 0. */
  | { readonly do: 'read'; readonly userfaultfd: number }
  /** A child process from beginning to end. Results in its exit status. */
  | { readonly do: 'spawn' }
  /** read(2) of one byte into the mapping: an access by the kernel. Results in the errno, or 0. */
  | { readonly do: 'system-call'; readonly mapping: number; readonly offset: number };

export interface Acting {
  /** The kernel's number of the thread, once it is about to act. */
  readonly thread: Promise<number>;
  /** What came of it; 0 where nothing else is said. Rejects when it does not come. */
  readonly result: Promise<number>;
  isOver(): boolean;
}

const LATE_MS = 20_000;

/** The caller has to see to it that the thread goes on: it cannot be terminated while the kernel holds it. */
export function startActing(action: Action): Acting {
  const worker = new Worker(new URL(import.meta.url), { workerData: { action } });
  let over = false;
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`${action.do} has not come back after ${LATE_MS} ms`)), LATE_MS).unref();
  });
  const message = (key: 'thread' | 'result') =>
    new Promise<number>((resolve, reject) => {
      worker.on('message', (sent: Record<string, number>) => {
        if (sent[key] !== undefined) resolve(sent[key]);
      });
      worker.on('error', reject);
    });
  const inTime = (key: 'thread' | 'result') => {
    const promise = Promise.race([message(key), late]);
    promise.catch(() => undefined); // a test that has failed for another reason does not look at it
    return promise;
  };
  const [thread, result] = [inTime('thread'), inTime('result')];
  result.then(
    () => {
      over = true;
    },
    () => undefined,
  );
  return { thread, result, isOver: () => over };
}

/**
 * Whether the thread sleeps through a while: it has not come back, and the kernel has not let it run. It is looked at
 * twice, as it may be heard of before it has quite gone to sleep. A machine that is too busy to run a thread that was
 * woken makes this true by mistake, never false.
 */
export async function sleepsOn({ thread, isOver }: Acting, ms = 40): Promise<boolean> {
  const id = await thread;
  for (const _ of ['at first', 'again']) {
    const before = switches(id);
    await new Promise((go) => setTimeout(go, ms));
    if (isOver()) return false;
    if (switches(id) === before) return true;
  }
  return false;
}

/** How often the thread has gone to sleep by itself: it does so again for each fault that it takes. */
function switches(id: number): string {
  try {
    const status = readFileSync(`/proc/self/task/${id}/status`, 'utf8');
    return /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status)![1]!;
  } catch {
    return 'it has ended';
  }
}

function act(action: Action): number {
  switch (action.do) {
    case 'touch': {
      const bytes = new Uint8Array(Mapping.attach(action.mapping).buffer);
      announce();
      if (action.write !== undefined) bytes[action.offset] = action.write;
      return bytes[action.offset]!;
    }
    case 'sum': {
      const mapping = Mapping.attach(action.mapping);
      const bytes = new Uint8Array(mapping.buffer);
      announce();
      let sum = 0;
      for (let offset = 0; offset < mapping.bytes; offset += mapping.pageSize) sum += bytes[offset]!;
      return sum;
    }
    case 'advise': {
      const mapping = Mapping.attach(action.mapping);
      announce();
      mapping.advise(action.offset, action.length, action.advice);
      return 0;
    }
    case 'punch': {
      const memfd = Memfd.attach(action.memfd);
      announce();
      memfd.punch(action.offset, action.length);
      return 0;
    }
    case 'moveTo': {
      const [mapping, target] = [Mapping.attach(action.mapping), Mapping.attach(action.target)];
      announce();
      mapping.moveTo(target);
      return 0;
    }
    case 'renew':
    case 'close': {
      const mapping = Mapping.attach(action.mapping);
      announce();
      mapping[action.do]();
      return 0;
    }
    case 'read': {
      const userfaultfd = Userfaultfd.attach(action.userfaultfd);
      const into = new Float64Array(4);
      announce();
      userfaultfd.read(into, LATE_MS);
      return into[0]!;
    }
    case 'spawn':
      announce();
      return spawnSync('/bin/true').status ?? -1;
    case 'system-call': {
      const bytes = new Uint8Array(Mapping.attach(action.mapping).buffer);
      const zeros = openSync('/dev/zero', 'r');
      announce();
      try {
        readSync(zeros, bytes, action.offset, 1, null);
        return 0;
      } catch (error) {
        return -(error as NodeJS.ErrnoException).errno!;
      } finally {
        closeSync(zeros);
      }
    }
  }
}

function announce(): void {
  parentPort!.postMessage({ thread: threadId() });
}

if (!isMainThread && workerData?.action) parentPort!.postMessage({ result: act(workerData.action) });
