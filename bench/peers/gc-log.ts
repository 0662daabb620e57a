/**
 * What a JVM's own log says of a period: `-Xlog:gc*,safepoint` with decorations `timenanos,tags`, whose times are those
 * of System.nanoTime. The same lines since JDK 17, whichever the collector, but for what full collections are called.
 */

/** In the folder it runs in, so that no path has to be quoted. */
export const gcLogName = 'gc.log';

/** Begin and end, ns of System.nanoTime. */
export type Period = readonly [begin: number, end: number];

export interface GcLog {
  /** Each pause for the collector, µs: from asking for the safepoint to the threads going on, as ours are measured. */
  readonly pausesUs: readonly number[];
  /** Each time a mutator waited for memory, ms. Only ZGC logs them. */
  readonly stallsMs: readonly number[];
  /** Each collection of the whole heap that began in the period, ms, from its first line to its last. */
  readonly fullMs: readonly number[];
}

const line = /^\[(\d+)ns\]\[[^\]]*\] (.*)$/;
const collection = /^GC\((\d+)\) (.*)$/;
const pause = /\bPause .*\d ?ms$/;
const safepoint = /^Safepoint ".*\bTotal: (\d+) ns\b/;
const stall = /^Allocation Stall \(mutator \d+\) ([\d.]+)ms$/;
/**
 * How one of the whole heap begins, by Serial, Parallel and G1; by ZGC; by generational ZGC; by Shenandoah, whose
 * generational cycles say so when they are of a part.
 */
const fullStart =
  /^(?:Pause Full|Garbage Collection|Major Collection|(?:Concurrent reset|Start GC cycle)(?!.*\((?:Young|Mixed|Old)\)))/;

export function parseGcLog(text: string, [begin, end]: Period): GcLog {
  const pausesUs: number[] = [];
  const stallsMs: number[] = [];
  const collections = new Map<string, { first: number; last: number; full: boolean }>();
  let paused = false;
  for (const row of text.split('\n')) {
    const [, time, message] = line.exec(row) ?? [];
    if (time === undefined) continue;
    const at = Number(time);
    const inside = at >= begin && at <= end;
    const [, id, what] = collection.exec(message) ?? [];
    if (id !== undefined) {
      const { first, full } = collections.get(id) ?? { first: at, full: fullStart.test(what) };
      collections.set(id, { first, last: at, full });
      // A safepoint is logged when it ends, after what the collector did in it; others, as for biased locks, are not its.
      paused ||= pause.test(what);
    }
    const total = safepoint.exec(message)?.[1];
    if (total !== undefined) {
      if (paused && inside) pausesUs.push(Number(total) / 1000);
      paused = false;
    }
    const stalled = stall.exec(message)?.[1];
    if (stalled !== undefined && inside) stallsMs.push(Number(stalled));
  }
  const fullMs = [...collections.values()]
    .filter(({ first, full }) => full && first >= begin && first <= end)
    .map(({ first, last }) => (last - first) / 1e6);
  return { pausesUs, stallsMs, fullMs };
}
