/** Peers in a sweep, in its results file, and in the tables. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeConfig } from '../../../bench/configurations/describe.js';
import { warningsOf } from '../../../bench/machine/warnings.js';
import type { PeerOutcome } from '../../../bench/peers/run.js';
import { figure, panelsOf } from '../../../bench/report/panels.js';
import { renderReport } from '../../../bench/report/report.js';
import { ResultsWriter, readResults } from '../../../bench/results/results.js';
import { placeOf, readSweep, writeSweep } from '../../../bench/results/sweep-file.js';
import {
  firstIssue,
  isPeerLine,
  isResult,
  lineSchema,
  type PeerConfig,
  type PeerResult,
  type ResultLine,
} from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { renderDryRun } from '../../../bench/sweep/dry-run.js';
import { Progress } from '../../../bench/sweep/progress.js';
import { runSweep, type SweepOptions } from '../../../bench/sweep/sweep.js';
import { peerResult, somePeerConfig } from '../../support/peer-results.js';
import { copyConfig, someEnvironment, someResult } from '../../support/synthetic-results.js';

const root = mkdtempSync(join(tmpdir(), 'continuum-peer-lines-'));
test.after(() => rmSync(root, { recursive: true, force: true }));

const churn = { workload: 'churn' } as const;
const somePeer: PeerConfig = { ...somePeerConfig, ...churn };
const somePeerResult = (config: Partial<PeerConfig> = {}, perSecond = 250_000, invocation = 0): PeerResult => ({
  ...peerResult({ ...churn, ...config }, perSecond),
  invocation,
});
const zgc: Partial<PeerConfig> = { peer: 'zgc', runtime: 'OpenJDK 25.0.3' };
const outOfMemory = { code: 'OUT_OF_MEMORY', message: 'java.lang.OutOfMemoryError: Java heap space' };

async function sweep(configs: PeerConfig[], peer: NonNullable<SweepOptions['peer']>, more: Partial<SweepOptions> = {}) {
  const written: ResultLine[] = [];
  let screen = '';
  const done = await runSweep({
    points: [0, 1].flatMap((invocation) => configs.map((config) => ({ config, invocation }))),
    ...{ script: '/nowhere', environment: () => someEnvironment, peer },
    writer: { append: (line) => void written.push(line) },
    progress: new Progress({ write: (text) => (screen += text) }),
    ...more,
  });
  return { ...done, written, screen };
}

test('peers are interleaved like any configuration; what fails is a line as well', async () => {
  const configs = [somePeer, { ...somePeer, ...zgc }];
  const { schema: _, invocation: _i, startedAt: _s, config: _c, environment: _e, ...measurement } = somePeerResult();
  const answers = async ({ peer }: PeerConfig): Promise<PeerOutcome> =>
    peer === 'g1' ? { kind: 'measured', measurement } : { kind: 'failed', error: outOfMemory };
  const { written, screen } = await sweep(configs, answers);
  assert.equal(
    written.map(({ config, invocation, error }) => ['peer' in config && config.peer, invocation, error?.code]),
    [
      ['g1', 0, undefined],
      ['zgc', 0, 'OUT_OF_MEMORY'],
      ['g1', 1, undefined],
      ['zgc', 1, 'OUT_OF_MEMORY'],
    ],
  );
  for (const line of written) assert.equal(lineSchema.parse(JSON.parse(JSON.stringify(line))), line);
  assert.match(screen, '[1/4] churn g1·17 128MiB');
  assert.match(screen, '250,000 op/s, 4 pauses');
  assert.match(screen, 'FAILED OUT_OF_MEMORY');
});

test('a peer gets the deadline and the signal; an interrupted one has no line', async () => {
  const controller = new AbortController();
  const { written, interrupted } = await sweep(
    [somePeer],
    async (_, { deadlineMs, signal }) => {
      assert.is(deadlineMs, 700);
      controller.abort();
      assert.ok(signal?.aborted);
      return { kind: 'aborted' };
    },
    { deadline: () => 700, signal: controller.signal },
  );
  assert.ok(interrupted);
  assert.equal(written, []);
});

test('a results file takes both kinds of lines, and says what is wrong with a bad one', () => {
  const lines: ResultLine[] = [someResult(), somePeerResult(), { ...header(), error: outOfMemory }];
  const writer = ResultsWriter.open(root);
  for (const line of lines) writer.append(line);
  writer.close();
  assert.equal(readResults(writer.file), lines);
  assert.equal(lines.map(isPeerLine), [false, true, true]);
  assert.equal(lines.map(isResult), [true, false, false]);
  assert.is(firstIssue(somePeerResult()), undefined);
  assert.match(firstIssue({ ...somePeerResult(), checked: -1 }) ?? '', /^checked: /);
  assert.match(
    firstIssue({ ...header(), config: { ...somePeer, peer: 'go' }, error: outOfMemory }) ?? '',
    /^config.peer: /,
  );
});

function header() {
  const { schema, invocation, startedAt, config, environment } = somePeerResult(zgc);
  return { schema, invocation, startedAt, config, environment };
}

test('columns: ours first, then peers by name and version; what is of another size has its own panel', () => {
  const mode = 'generational';
  const lines = [
    somePeerResult(zgc),
    somePeerResult({ peer: 'v8', runtime: 'Node 20.20.2, V8 11.3.244.8' }),
    someResult({ ...churn, ...copyConfig }),
    somePeerResult({}, 240_000),
    somePeerResult({}, 260_000, 1),
    { ...header(), error: outOfMemory },
    someResult(churn),
    somePeerResult({ peer: 'shenandoah', runtime: 'OpenJDK 25.0.3', mode }),
    somePeerResult({ heapBytes: 256 * MiB }),
  ];
  const panels = panelsOf(lines);
  assert.is(panels.length, 2);
  const [beside, alone] = panels;
  assert.equal(
    beside.columns.map(({ label }) => label),
    ['continue·bank', 'copy·remap', 'g1·17', 'zgc·25', 'shenandoah·25·generational', 'v8·11.3'],
  );
  assert.match(beside.title, /^churn: heap 128MiB, .*; Node 20.20.2, V8 11.3.244.8, OpenJDK 17.0.15, OpenJDK 25.0.3$/);
  const [ours, , g1, z] = beside.columns;
  assert.is(figure(g1, 'operations').median, 250_000);
  assert.is(figure(g1, 'pauseMax').median, 400_000);
  assert.is(z.failed, 1);
  assert.ok(figure(ours, 'faults').median > 0);
  assert.ok(Number.isNaN(figure(g1, 'faults').median), 'a peer has no faults, and not none of them');
  assert.ok(Number.isNaN(figure(g1, 'stalls').median));
  assert.is(figure(z, 'stalls').median, 0);
  assert.equal(
    alone.columns.map(({ label }) => label),
    ['g1·17'],
  );
  assert.match(alone.title, /^churn: heap 256MiB, .*, 1 invocation; OpenJDK 17.0.15$/);
});

test('peers stand beside one way of ours with each of its settings', () => {
  const panels = panelsOf([someResult({ ...churn, batch: 8 }), someResult({ ...churn, batch: 64 }), somePeerResult()]);
  assert.equal(
    panels.map(({ columns }) => columns.map(({ label }) => label)),
    [
      ['continue·bank', 'g1·17'],
      ['continue·bank', 'g1·17'],
    ],
  );
  assert.match(panels[1].title, 'batches of 64');
});

test('the report has a row for pauses of both, ratios against ours, and peers that failed', () => {
  const lines = [
    someResult(churn, { perSecond: 500_000 }),
    someResult({ ...churn, ...copyConfig }),
    somePeerResult(),
    { ...header(), error: outOfMemory },
  ];
  const text = renderReport(lines).join('\n');
  assert.match(text, /pause longest, µs +100 +100 +400k +–/);
  assert.match(text, /failed invocations +0 +0 +0 +1 of 1/);
  assert.match(text, /because +OUT_OF_MEMORY/);
  assert.match(text, 'peers against continue·bank, as ratios');
  assert.match(text, /g1·17: throughput 0.50 \?, longest batch 1.00 \?, longest pause 4000 \?/);
  assert.match(text, 'zgc·25 has no invocation that counts');
  assert.not.match(text, /(NaN|undefined|Infinity)/);
  assert.not.match(renderReport(lines.slice(0, 2)).join('\n'), 'pause longest, µs  ');
});

test('a report of peers alone has the rows that they have', () => {
  const text = renderReport([somePeerResult(), somePeerResult(zgc)]).join('\n');
  assert.match(text, 'operations a second');
  assert.not.match(text, /flip|service|publish|NaN|undefined/);
});

test('a sweep on disk has its peers, so that they are resumed; a dry run names them', () => {
  const points = [someResult(churn), somePeerResult(), somePeerResult(zgc, 1, 1)].map(({ config, invocation }) => ({
    config,
    invocation,
  }));
  const file = join(root, 'some.sweep.json');
  writeSweep(file, {
    startedAt: '2026-01-02T03:04:05.678Z',
    seed: 1,
    place: placeOf(someEnvironment),
    leftOut: [],
    points,
  });
  assert.equal(readSweep(file).points, points);
  assert.match(renderDryRun(points), /3 {2}churn zgc·25 128MiB, invocation 2 {2}about \d/);
});

test('a peer has no fault server, and too few cores all the same', () => {
  const said = (gcWorkers: number) =>
    warningsOf({ ...someEnvironment, cores: 2 }, { ...somePeer, gcWorkers }).join('\n');
  assert.match(said(2), '1 mutator + 2 collector workers are 3 threads on 2');
  assert.not.match(said(1), 'too few cores');
});

test('a peer is described by its name, its heap and the work', () => {
  assert.is(describeConfig({ ...somePeer, scale: 1 / 8, mutators: 2 }), 'churn ×1/8 g1·17 128MiB 2m+1w');
});

test.run();
