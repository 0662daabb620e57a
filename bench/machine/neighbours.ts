/** Who else used the processors while an invocation ran: by /proc/stat, less what this process and its children used. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../schema/index.js';

/** Ticks since the machine started, of all processors together, and those of this process with its ended children. */
export interface Ticks {
  readonly all: number;
  readonly busy: number;
  readonly stolen: number;
  readonly own: number;
}

/** Undefined where /proc does not say. */
export function readTicks(): Ticks | undefined {
  try {
    return ticksOf(readFileSync('/proc/stat', 'utf8'), readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    return undefined;
  }
}

/** Fields as in proc(5): /proc/stat's first line, and utime, stime, cutime, cstime of /proc/self/stat. */
export function ticksOf(stat: string, self: string): Ticks | undefined {
  const times = /^cpu +(.+)$/m.exec(stat)?.[1].split(' ').map(Number) ?? [];
  // A program's name may hold anything, brackets too: fields are counted from the last one.
  const own = self
    .slice(self.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  if (times.length < 8 || own.length < 4 || [...times, ...own].some(Number.isNaN)) return undefined;
  const [user, nice, system, idle, wait, irq, softirq, stolen] = times;
  const busy = user + nice + system + irq + softirq;
  return { all: busy + idle + wait + stolen, busy, stolen, own: own.reduce((total, ticks) => total + ticks, 0) };
}

/** A tick is 10 ms: fewer of them tell nothing. */
const leastTicks = 50;

/** Shares of all processors' time between two readings. Undefined where they are too close. */
export function besideOf(before: Ticks | undefined, after: Ticks | undefined): Environment['beside'] {
  if (before === undefined || after === undefined) return undefined;
  const all = after.all - before.all;
  if (all < leastTicks) return undefined;
  const others = after.busy - before.busy - (after.own - before.own);
  // Ticks are counted here and there at different moments: a few may be missing.
  return { others: Math.max(0, others) / all, stolen: Math.max(0, after.stolen - before.stolen) / all };
}

/** Starts to watch; the function it answers gives what was seen since, as a part of an environment. */
export function watchNeighbours(): () => Pick<Environment, 'beside'> {
  const before = readTicks();
  return () => {
    const beside = besideOf(before, readTicks());
    return beside ? { beside } : {};
  };
}

const lookMs = 500;

/** Share of the processors' time that is in use while this process waits. */
export async function busyNow(): Promise<Pick<Environment, 'busyBefore'>> {
  const stop = watchNeighbours();
  await sleep(lookMs);
  const { beside } = stop();
  return beside ? { busyBefore: beside.others + beside.stolen } : {};
}
