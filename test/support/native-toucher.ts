/**
 * A thread that touches memory: it may block in a fault, which the main thread of a test must not. Started by
 * startToucher(); posts `ready` with its thread id before each touch, and what it read behind it.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Mapping } from '../../native/memory.js';
import { threadId } from '../../native/system.js';

export interface Touch {
  readonly mapping: number;
  readonly offset: number;
  /** The byte to write; absent: read. */
  readonly write?: number;
  /** Drop the page's entries before. */
  readonly drop?: boolean;
}

export interface Toucher {
  readonly worker: Worker;
  /** The kernel's number of the thread, once it is about to touch. */
  readonly ready: Promise<number>;
  /** The byte at the offset after the touch. */
  readonly value: Promise<number>;
}

interface Message {
  readonly ready?: number;
  readonly value?: number;
}

/** The caller has to see to it that the thread goes on: it cannot be terminated while it waits for a fault. */
export function startToucher(touch: Touch): Toucher {
  const worker = new Worker(new URL(import.meta.url), { workerData: { touch } });
  const message = (key: keyof Message) =>
    new Promise<number>((resolve, reject) => {
      worker.on('message', (sent: Message) => {
        if (sent[key] !== undefined) resolve(sent[key]);
      });
      worker.on('error', reject);
    });
  return { worker, ready: message('ready'), value: message('value') };
}

function touchMemory({ mapping: id, offset, write, drop }: Touch): void {
  const mapping = Mapping.attach(id);
  const bytes = new Uint8Array(mapping.buffer);
  parentPort!.postMessage({ ready: threadId() });
  if (drop) mapping.advise(offset, mapping.pageSize, 'dontneed');
  if (write !== undefined) bytes[offset] = write;
  parentPort!.postMessage({ value: bytes[offset] });
}

if (!isMainThread && workerData?.touch) touchMemory(workerData.touch);
