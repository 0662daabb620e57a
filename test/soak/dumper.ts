/**
 * A thread that writes down how the heap stands when it is asked to, by a file: a signal would be handled by the main
 * thread, which may be the one that hangs.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { Heap, type HeapHandle } from '../../heap/index.js';
import { dumpHeap } from './dump.js';
import { REQUEST, WRITTEN } from './dump-files.js';

export interface DumperTask {
  readonly handle: HeapHandle;
  readonly folder: string;
}

const LOOK_MS = 250;

let task: DumperTask | null = null;

parentPort!.on('message', (next: DumperTask) => {
  task = next;
});

setInterval(() => {
  if (task === null || !existsSync(join(task.folder, REQUEST))) return;
  const { handle, folder } = task;
  task = null;
  let how = 'written';
  try {
    dumpHeap(Heap.attach(handle), folder, 'asked for by the watchdog');
  } catch (error) {
    how = String(error);
  }
  writeFileSync(join(folder, WRITTEN), how);
}, LOOK_MS);
