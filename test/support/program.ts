/** The end of a thread that runs a program beside a collector. */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** Runs `program` with what the thread was given, and posts its result. */
export function runProgram<Task, Result>(program: (task: Task) => Result): void {
  try {
    parentPort!.postMessage(program(workerData as Task));
  } catch (error) {
    // At once: the main thread may be waiting for this one to stop, and hears of nothing meanwhile.
    writeSync(2, `${error instanceof Error ? error.stack : String(error)}\n`);
    throw error;
  }
}
