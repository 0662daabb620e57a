/**
 * Runs a workload in this process's own heap: `node main.js workload=churn scale=0.125 …`, the steps those of
 * bench/invocation/run.ts, what it prints that of java/Peer.java. Ends when its standard input does.
 */
import { createHistogram, PerformanceObserver, type RecordableHistogram } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import type { PeerMessage } from '../messages.js';
import { BinaryTrees } from './binarytrees.js';
import { Churn } from './churn.js';
import { FullGc } from './fullgc.js';
import { GcBench } from './gcbench.js';
import type { Part, Session } from './session.js';

const tickMs = 100;
const lastTurns = 10;
const sessions: Readonly<Record<string, new (part: Part) => Session>> = {
  churn: Churn,
  fullgc: FullGc,
  gcbench: GcBench,
  binarytrees: BinaryTrees,
};

/** When a step is over: after so many operations, or without any after so much time. */
interface Limit {
  readonly seconds: number;
  readonly operations: number;
}

async function main(texts: readonly string[]): Promise<void> {
  const given = new Map(texts.map((text) => text.split('=', 2) as [string, string]));
  const number = (name: string) => Number(given.get(name) ?? 0);
  process.stdin.on('end', () => process.exit(1)).resume();
  const workload = given.get('workload') ?? '';
  if (!(workload in sessions)) throw new Error(`no such workload: ${workload}`);
  const part = { scale: number('scale'), seed: number('seed'), progress: (at: number) => tell('setup', at) };
  const session = new sessions[workload](part);
  /** Begin, µs of performance.now, and length of each pause. */
  const pauses: { readonly begin: number; readonly us: number }[] = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) pauses.push({ begin: startTime, us: duration * 1000 });
  }).observe({ entryTypes: ['gc'] });
  session.setUp();
  const limit = { seconds: number('seconds'), operations: number('operations') };
  const warmUp = { seconds: number('warmUpSeconds'), operations: number('warmUpOperations') };
  if ((limit.operations > 0 ? warmUp.operations : warmUp.seconds) > 0) await drive(session, 'warmup', warmUp);
  const batches = createHistogram();
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const done = await drive(session, 'measure', limit, batches);
  const ended = performance.now();
  const { user, system } = process.cpuUsage(cpuBefore);
  tell('check', 0);
  // An entry is queued in one turn of the loop and handed over in a later one.
  for (let turns = 0; turns < lastTurns; turns++) await turn();
  const { problem, checked, checksum, bytes } = session.check();
  const us = (share: number) => batches.percentile(share) / 1000;
  say({
    type: 'result',
    operations: { count: done, perSecond: (done * 1000) / (ended - began) },
    batchUs: { count: batches.count, p50: us(50), p99: us(99), p999: us(99.9), max: batches.max / 1000 },
    periodNs: [began * 1e6, ended * 1e6],
    cpuMs: (user + system) / 1000,
    ...{ checked, checksum, liveBytes: bytes },
    ...(problem !== undefined && { problem }),
    pausesUs: pauses.filter(({ begin }) => begin >= began && begin <= ended).map(({ us }) => us),
    fullMs: [...(session.fullMs ?? [])],
  });
}

/** Batch after batch until the step is over and the session can end. Answers the operations done. */
async function drive(session: Session, phase: string, limit: Limit, batches?: RecordableHistogram): Promise<number> {
  tell(phase, 0);
  const began = performance.now();
  let told = began;
  let operations = 0;
  for (let before = began; ; ) {
    operations += session.batch();
    let now = performance.now();
    batches?.record(Math.max(1, Math.round((now - before) * 1e6)));
    const share = (now - began) / 1000 / limit.seconds;
    const enough = limit.operations > 0 ? operations >= limit.operations : share >= 1;
    const ending = session.ending ?? 'may';
    if (ending === 'must' || (ending === 'may' && enough)) return operations;
    if (now - told >= tickMs) {
      told = now;
      tell(phase, Math.min(1, share));
      await turn(); // pauses are told, and an end of the input is heard, between turns only
      now = performance.now();
    }
    before = now;
  }
}

function tell(phase: string, fraction: number): void {
  say({ type: 'progress', phase, fraction });
}

function say(message: PeerMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

await main(process.argv.slice(2));
process.exit(0);
