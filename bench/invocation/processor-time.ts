/** Processor time of threads of this process, by the kernel's books. */
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's numbers of this process's threads. */
export function threadIds(): number[] {
  return readdirSync('/proc/self/task').map(Number);
}

/** Processor time that threads have used together, ms. One that has ended counts as nothing. */
export function processorMs(threads: Iterable<number>): number {
  let nanoseconds = 0;
  for (const thread of threads) {
    try {
      nanoseconds += Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]);
    } catch {
      // it has ended, or this kernel keeps no such books
    }
  }
  return nanoseconds / 1e6;
}

/** Processor time of the whole process, ms. */
export function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
