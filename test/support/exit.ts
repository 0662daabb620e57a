/** How a test process ends when a thread of it may be blocked in a fault for ever. */
import type { Test } from 'uvu';

/** Ends a process that still has threads 15 s after its last test. One that has failed, then, whatever its tests say. */
export function exitAfterwards(test: Test): void {
  test.after(() => {
    setTimeout(() => {
      console.error('threads were left running');
      process.exit(process.exitCode || 1);
    }, 15_000).unref();
  });
}
