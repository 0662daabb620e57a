/**
 * One process at a time writes a sweep: `X.lock` beside `X.jsonl` says which. One that was killed leaves its claim, which
 * is nobody's: a process is told from a later one with its number by when it began.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Complaint, codeOf } from '../errors.js';

/**
 * Claims the sweep whose lines are in `results`; answers how to give it back.
 * @throws Complaint naming the process that has it, or what the file system does.
 */
export function claim(results: string): () => void {
  const file = results.replace(/\.jsonl$/, '.lock');
  for (let attempt = 1; ; attempt++) {
    try {
      writeFileSync(file, `${process.pid} ${beganAt(process.pid)}\n`, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (codeOf(error, '') !== 'EEXIST') throw error;
      const owner = ownerOf(file);
      if (owner !== undefined || attempt > 3) {
        const who = owner === undefined ? 'another process' : `process ${owner}`;
        throw new Complaint(
          'IN_USE',
          `${who} is writing ${relative(process.cwd(), results)}`,
          'wait until it has ended',
        );
      }
      rmSync(file, { force: true });
    }
  }
}

/** The process that wrote a claim; undefined where it has ended. */
function ownerOf(file: string): number | undefined {
  try {
    const [pid, began] = readFileSync(file, 'utf8').trim().split(' ');
    return beganAt(Number(pid)) === began ? Number(pid) : undefined;
  } catch {
    return undefined; // given back meanwhile, or no such process
  }
}

/** When a process began, in the kernel's ticks; field 22 of /proc/PID/stat, whose second may hold spaces. */
function beganAt(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
