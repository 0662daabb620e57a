/** A thread that was given ids and nothing else: it attached to nothing, and calls everything with them, over and over. */
import { parentPort, workerData } from 'node:worker_threads';
import { addon } from '../../native/loader.js';

export interface HostileThreadTask {
  readonly calls: readonly (readonly [name: string, ...args: readonly unknown[]])[];
  /** 1 when the thread is to end. */
  readonly stop: Int32Array;
}

const { calls, stop } = workerData as HostileThreadTask;
const exported = addon as Record<string, (...args: readonly unknown[]) => unknown>;
const wrong: string[] = [];
let refused = 0;
let rounds = 0;
parentPort!.postMessage('ready');
// A round more after the end: by then all of it is closed.
for (let last = false; !last; rounds++) {
  last = Atomics.load(stop, 0) !== 0;
  for (const [name, ...args] of calls) {
    try {
      const answer = exported[name]!(...args);
      if (typeof answer === 'number' && answer < 0) refused++;
      else if (last) wrong.push(`${name} answered ${String(answer)} after the close`);
    } catch (error) {
      refused++;
      if (!(error instanceof RangeError || error instanceof TypeError)) wrong.push(`${name} threw ${String(error)}`);
    }
  }
}
parentPort!.postMessage({ wrong, refused, rounds });
