/** Stands for bench/invocation/main.ts: its configuration's seed says how it is to end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { InvocationConfig } from '../../bench/schema/index.js';
import { MiB } from '../../bench/sizes.js';
import { someMeasurement } from './synthetic-results.js';

const send = (message: object) => new Promise<void>((sent) => process.send?.(message, undefined, {}, () => sent()));

/** What a seed stands for. */
export const endings = {
  ok: 1,
  error: 2,
  crash: 3,
  hang: 4,
  noResult: 5,
  badResult: 6,
  exitCode: 7,
  throws: 8,
  wrongDigest: 9,
  neverFaulted: 10,
  hangAtExit: 11,
  notAMessage: 12,
  slow: 13,
  killed: 14,
  needsHeap: 15,
  inTurns: 16,
  diesInTurn: 17,
  long: 18,
} as const;

/** What an invocation by `needsHeap` needs. */
export const neededHeapMiB = 85;

const measured = someMeasurement();

const awaits = async (awaited: 'turn' | 'end') => {
  const word = new Promise<void>((resolve) => process.once('message', () => resolve()));
  await send({ type: 'waiting', awaited });
  await word;
};

async function inTurns(turn: () => Promise<void>): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await awaits('turn');
    await turn();
  }
  await awaits('end');
  await send({ type: 'result', result: measured });
}

const config = JSON.parse(process.argv[2] ?? '{}') as InvocationConfig;

const behaviours: Readonly<Record<keyof typeof endings, () => Promise<void>>> = {
  ok: () => send({ type: 'result', result: measured }),
  error: async () => {
    const error = { code: 'OUT_OF_MEMORY', message: 'the heap is full', hint: 'use a larger --heap' };
    await send({ type: 'error', error });
    process.exitCode = 1;
  },
  crash: async () => void process.kill(process.pid, 'SIGSEGV'),
  hang: () => sleep(60_000),
  noResult: async () => {},
  badResult: () => send({ type: 'result', result: { ...measured, compactionMBps: -1 } }),
  exitCode: async () => {
    await send({ type: 'result', result: measured });
    process.exitCode = 3;
  },
  throws: async () => {
    throw new Error('nobody caught this');
  },
  wrongDigest: () => send({ type: 'result', result: { ...measured, digest: { ...measured.digest, ok: false } } }),
  neverFaulted: () =>
    send({ type: 'result', result: { ...measured, faults: { ...measured.faults, missing: 0, minor: 0 } } }),
  hangAtExit: async () => {
    await send({ type: 'result', result: measured });
    await sleep(60_000);
  },
  notAMessage: () => send({ type: 'greeting' }),
  slow: async () => {
    await sleep(200);
    await send({ type: 'result', result: measured });
  },
  long: async () => {
    await send({ type: 'progress', phase: 'measure' });
    await sleep(1500);
    await send({ type: 'result', result: measured });
  },
  killed: async () => void process.kill(process.pid, 'SIGKILL'),
  inTurns: () => inTurns(() => sleep(5)),
  diesInTurn: () => inTurns(async () => void process.kill(process.pid, 'SIGSEGV')),
  needsHeap: () => (config.heapBytes < neededHeapMiB * MiB ? behaviours.error() : behaviours.ok()),
};

if (process.argv[2]) {
  const { seed } = config;
  const ending = (Object.keys(endings) as (keyof typeof endings)[]).find((name) => endings[name] === seed) ?? 'ok';
  await send({ type: 'progress', phase: 'measure', fraction: 0.5, text: `pid ${process.pid}` });
  await behaviours[ending]();
  process.disconnect?.();
}
