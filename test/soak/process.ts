/**
 * The process that performs rounds: one, or one after another. It says how it gets on, and after a round what it holds;
 * when a round fails it writes down how the heap stands, says why, and ends, because threads may hang in a fault.
 */
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { whenLost } from '../../gc/index.js';
import { dumpHeap } from './dump.js';
import type { DumperTask } from './dumper.js';
import { holdings, LeakWatch, leftOver, OVER_CYCLES } from './leaks.js';
import type { Report, Task } from './messages.js';
import { runRound } from './round.js';
import type { RoundSettings } from './settings.js';
import { Stage } from './stage.js';

const TELL_MS = 500;
/** Cycles from one look at what the process holds to the next. */
const LOOK_EVERY = 4;
/** Threads that have ended are gone a little later. */
const SETTLE_MS = 2000;
/** Threads that Node makes for itself when they are first needed. */
const NODES_OWN = 4;

const dumper = new Worker(new URL('./dumper.js', import.meta.url));
dumper.unref();
let stage = new Stage();
let folder = '';
let failed = false;

async function perform(settings: RoundSettings): Promise<void> {
  const baseline = holdings().threads;
  stage = new Stage((heap) => dumper.postMessage({ handle: heap.handle, folder } satisfies DumperTask));
  const cycles = new LeakWatch(OVER_CYCLES, 1);
  let count = 0;
  const outcome = await runRound(settings, stage, () => {
    if (++count % LOOK_EVERY === 0) cycles.add(holdings());
  });
  stage.enter('look for leaks');
  const now = await settled(baseline);
  const leaks = [...leftOver(now), ...cycles.grown.map((what) => `over the cycles of a round ${what}`)];
  await say({ type: 'done', outcome, holdings: now, leaks });
}

/** What is held once the round's threads are gone, or have had time to go. */
async function settled(threads: number) {
  for (const until = performance.now() + SETTLE_MS; ; ) {
    (globalThis as { gc?: () => void }).gc?.();
    const now = holdings();
    if ((now.threads <= threads && leftOver(now).length === 0) || performance.now() > until) return now;
    await new Promise((soon) => setTimeout(soon, 20));
  }
}

async function fail(error: unknown): Promise<never> {
  if (failed) return new Promise(() => {});
  failed = true;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  dump(why);
  await say({ type: 'failed', why: cause(error, why) });
  process.exit(1);
}

/** What a program saw is often only that the collector had given up. */
function cause(error: unknown, why: string): string {
  const collector = stage.collector?.error;
  return collector && collector !== error ? `${why}\nThe collector's error: ${collector.stack}` : why;
}

function dump(why: string): void {
  if (stage.heap === null) return;
  try {
    dumpHeap(stage.heap, folder, why);
  } catch (error) {
    console.error(`the state cannot be written: ${error}`);
  }
}

function say(report: Report): Promise<void> {
  return new Promise((resolve) => process.send!(report, undefined, {}, () => resolve()));
}

whenLost((heap, error) => {
  try {
    dumpHeap(heap, folder, error instanceof Error ? (error.stack ?? error.message) : String(error));
  } catch {
    // it ends all the same, and says why
  }
});
process.on('uncaughtException', (error) => void fail(error));
process.on('unhandledRejection', (error) => void fail(error));
process.on('disconnect', () => process.exit(1));
process.on('SIGINT', () => {}); // Ctrl-C goes to all; the soak says when this one ends
process.on('message', (task: Task) => {
  if (task.round === undefined) process.exit(0);
  folder = task.folder!;
  perform(task.round).catch(fail);
});
setInterval(() => process.send?.({ type: 'progress', mark: stage.mark } satisfies Report), TELL_MS).unref();
await Promise.all(Array.from({ length: NODES_OWN }, () => readFile('/proc/self/status')));
