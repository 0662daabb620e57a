/** Settings of the whole machine that tests change: one process at a time does, whichever checkout it is of. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Complaint } from '../../bench/errors.js';
import { claim } from '../../bench/results/claim.js';

/** Longest that another test may take with it. */
const PATIENCE_MS = 600_000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Waits until nobody else holds `name`, and holds it until this process ends. Returns how to let go before. */
export function holdMachine(name: string): () => void {
  const file = join(tmpdir(), `continuum-test-${name}.jsonl`);
  for (const began = performance.now(); ; ) {
    try {
      const release = claim(file);
      process.once('exit', release);
      return () => {
        process.off('exit', release);
        release();
      };
    } catch (error) {
      if (!(error instanceof Complaint) || performance.now() - began > PATIENCE_MS) throw error;
      Atomics.wait(sleeper, 0, 0, 200);
    }
  }
}
