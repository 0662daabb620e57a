// deadline: 900s
/** Real peers, small: by the command line beside ours, and each collector of each JDK that is here. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findRuntimes, planPeers, v8Runtime } from '../../../bench/peers/plan.js';
import { runPeer } from '../../../bench/peers/run.js';
import { readResults } from '../../../bench/results/results.js';
import { isPeerLine, type PeerConfig } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { someConfig } from '../../support/synthetic-results.js';

const root = mkdtempSync(join(tmpdir(), 'continuum-run-peers-'));
test.after(() => rmSync(root, { recursive: true, force: true }));
const cli = fileURLToPath(new URL('../../../bench/cli.js', import.meta.url));

const everyOne = ['serial', 'parallel', 'g1', 'zgc', 'shenandoah'] as const;
const runtimes = await findRuntimes(everyOne);
const hasJava = runtimes.candidates.length > 0;
// What is here without Java is tested without it: no collector of ours depends on it.
if (!hasJava) console.log('skipped: peers on Java are not run, there is no JDK');

test('bench --peer runs ours, Serial and V8 in turn, into one file and one table', () => {
  const args = ['bench', '--workload', 'churn', '--scale', '1/256', '--heap', '16MiB', '--quick', '--seconds', '0.5'];
  const done = spawnSync(process.execPath, [cli, ...args, '--peer', 'serial,v8', '--resolution', 'continue'], {
    ...{ cwd: root, encoding: 'utf8', timeout: 600_000, killSignal: 'SIGKILL' },
    env: { ...process.env, XDG_CACHE_HOME: join(root, 'cache'), TMPDIR: root },
  });
  assert.is(done.status, 0, done.stderr);
  const file = readdirSync(join(root, 'results')).find((name) => name.endsWith('.jsonl')) ?? '';
  const lines = readResults(join(root, 'results', file));
  const peers = lines.filter(isPeerLine).map(({ config }) => `${config.peer} ${config.runtime}`);
  const serial = runtimes.candidates.filter(({ peer }) => peer === 'serial');
  assert.equal(peers.sort(), [...serial.map(({ java }) => `serial ${java.runtime}`), `v8 ${v8Runtime}`]);
  assert.is(lines.length, peers.length + 1);
  assert.match(done.stdout.replaceAll(/\s+/g, ' '), `; ${v8Runtime}`);
  assert.match(done.stdout, 'peers against continue·bank');
  if (!hasJava) assert.match(done.stderr, 'left out: serial: no JDK');
  // Nothing is left behind but the results, and the classes for the next time.
  assert.equal(readdirSync(root).sort(), hasJava ? ['cache', 'results'] : ['results']);
});

const churn = {
  ...someConfig,
  workload: 'churn',
  scale: 1 / 256,
  heapBytes: 16 * MiB,
  seconds: 0.3,
  quick: true,
} as const;

/** Configurations of all peers for work of ours. */
const plan = (ours: typeof someConfig): readonly PeerConfig[] =>
  planPeers([...everyOne, 'v8'], [ours], runtimes).configs;

test('every collector of every JDK, and V8: operations, pauses, memory and processor time', async () => {
  for (const config of plan({ ...churn, operations: 150_000 })) {
    const outcome = await runPeer(config, { deadlineMs: 60_000 });
    const what = JSON.stringify({ config, outcome });
    if (outcome.kind !== 'measured') throw new Error(what);
    assert.is(outcome.error, undefined, what);
    const { operations, batchUs, pausesUs, peakPssBytes, cpuMs, checked } = outcome.measurement;
    assert.is(operations.count, 150_000, what);
    assert.ok(operations.perSecond > 100, what);
    assert.is(batchUs.count, 150, what);
    assert.ok(0 < batchUs.p50 && batchUs.p50 <= batchUs.p99 && batchUs.p99 <= batchUs.max, what);
    assert.ok(pausesUs.count > 0 && pausesUs.p50 > 0, what);
    assert.ok(pausesUs.max < 1e6 * 30, what);
    assert.ok(peakPssBytes > 8 * MiB && peakPssBytes < 1024 * MiB, what);
    assert.ok(cpuMs.total > 10, what);
    assert.is(checked, 2 ** 15);
  }
});

test('a full collection has a speed', async () => {
  const full = { ...churn, workload: 'fullgc', heapBytes: 24 * MiB } as const;
  for (const config of plan(full).filter(({ peer }) => peer !== 'parallel')) {
    const outcome = await runPeer({ ...config, heapBytes: 48 * MiB }, { deadlineMs: 60_000 });
    const what = JSON.stringify({ config, outcome });
    if (outcome.kind !== 'measured') throw new Error(what);
    const { operations, batchUs, compactionMBps = 0 } = outcome.measurement;
    assert.is(operations.count, 1);
    // The collection is a part of the only batch: its log's figure cannot be longer. A concurrent one may come to log
    // its end some time after it has let the mutator go.
    const liveMB = (2 ** 15 * 64) / 1e6 + 0.26;
    const share = /zgc|shenandoah/.test(config.peer) ? 0.1 : 0.9;
    assert.ok(compactionMBps >= (share * liveMB) / (batchUs.max / 1e6), what);
    assert.ok(compactionMBps < 20_000, what);
  }
});

test('a heap that is too small is a result: out of memory', async () => {
  for (const config of plan({ ...churn, scale: 1 / 16, heapBytes: 16 * MiB }).filter(({ peer }) =>
    /serial|v8/.test(peer),
  )) {
    const outcome = await runPeer(config, { deadlineMs: 60_000 });
    assert.is(outcome.kind === 'failed' && outcome.error.code, 'OUT_OF_MEMORY', JSON.stringify({ config, outcome }));
  }
});

test('a runtime that is not here any more is a failed point, and not an end of the sweep', async () => {
  const config = { ...churn, peer: 'g1', runtime: 'OpenJDK 99.0.1' } as const;
  const { resolution: _, delivery: _d, flip: _f, ...rest } = config;
  const outcome = await runPeer(rest, { deadlineMs: 10_000 });
  assert.is(outcome.kind === 'failed' && outcome.error.code, 'NO_RUNTIME', JSON.stringify(outcome));
});

test.run();
