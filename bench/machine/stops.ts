/**
 * Whether a run stood still: a process that is stopped (SIGSTOP, Ctrl-Z, a debugger), a frozen cgroup, a virtual machine that
 * is paused. Time passes and nobody runs, so that a rate says nothing.
 *
 * Two clocks tell. We wake ten times a second; what we come late by beyond the time that we ran or waited for a processor
 * (schedstat) is time in which we were not allowed to. The invocation alone may be stopped: its state says so.
 */
import { readFileSync } from 'node:fs';
import type { Environment } from '../schema/index.js';

const everyMs = 100;
/** Less than this is a timer that is late, or a disk that is slow. */
const leastMs = 400;

export interface StopWatch {
  /** The process that is watched, once it has begun. */
  follow(pid: number): void;
  /** Ends it, and answers what was seen. */
  end(): Pick<Environment, 'stoppedMs'>;
}

/** Starts to watch. Where /proc does not say enough, nothing is ever seen. */
export function watchStops(): StopWatch {
  let followed: number | undefined;
  let lastAt = performance.now();
  let lastUsed = usedMs(process.pid);
  let stopped = 0;
  const look = () => {
    const [now, used] = [performance.now(), usedMs(process.pid)];
    const passed = now - lastAt;
    // Of both at once, our own is the longer: a stopped process does not look at others.
    const still = used === undefined || lastUsed === undefined ? 0 : passed - everyMs - (used - lastUsed);
    if (still >= leastMs) stopped += still;
    else if (followed !== undefined && isStopped(followed)) stopped += passed;
    [lastAt, lastUsed] = [now, used];
  };
  const timer = setInterval(look, everyMs).unref();
  return {
    follow(pid) {
      followed = pid;
    },
    end() {
      look();
      clearInterval(timer);
      return stopped >= leastMs ? { stoppedMs: stopped } : {};
    },
  };
}

/** Time that a process's first thread has run or waited for a processor; undefined where the kernel does not count. */
function usedMs(pid: number): number | undefined {
  const [ran, waited] = textOf(`/proc/${pid}/task/${pid}/schedstat`).split(' ').map(Number);
  return ran !== undefined && waited !== undefined ? (ran + waited) / 1e6 : undefined;
}

/** State `T` or `t` of /proc/PID/stat, whose second field may hold anything. */
function isStopped(pid: number): boolean {
  const stat = textOf(`/proc/${pid}/stat`);
  return /^[Tt]$/.test(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
