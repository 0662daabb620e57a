/** Two runs against each other: what pairs, what is said, and how often it is wrong. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ComparedMetric, type Comparison, compareRuns, judgedMetrics } from '../../../bench/compare/index.js';
import { readRun } from '../../../bench/compare/read.js';
import { renderComparison } from '../../../bench/compare/text.js';
import type { InvocationConfig, Result, ResultLine } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { styleFor } from '../../../bench/style.js';
import { normal } from '../../support/distributions.js';
import { peerFailure, peerResult } from '../../support/peer-results.js';
import { Random } from '../../support/random.js';
import { copyConfig, someResult } from '../../support/synthetic-results.js';

/** Invocations whose throughput is as given, all else the same. */
function runs(speeds: readonly number[], config: Partial<InvocationConfig> = {}): Result[] {
  return speeds.map((perSecond, invocation) => someResult(config, { perSecond }, invocation));
}

function noisy(count: number, random: Random, speed = 500_000): number[] {
  return Array.from({ length: count }, () => speed * (1 + 0.02 * normal(random)));
}

const steady = (speed: number, count = 8) => Array.from({ length: count }, (_, i) => speed + 500 * (i % 4));
const names = { a: 'before.jsonl', b: 'after.jsonl' };

function metricOf({ configurations }: Comparison, name = 'operations'): ComparedMetric {
  assert.is(configurations.length, 1);
  return configurations[0].metrics.find((metric) => metric.name === name)!;
}

test('the ratio is B over A, with its interval and a verdict', () => {
  const slower = metricOf(compareRuns(runs(steady(500_000)), runs(steady(450_000))));
  assert.ok(Math.abs(slower.ratio - 0.9) < 0.002);
  assert.ok(slower.interval!.low <= slower.ratio && slower.ratio <= slower.interval!.high);
  assert.is(slower.outcome, 'worse');
  assert.is(metricOf(compareRuns(runs(steady(450_000)), runs(steady(500_000)))).outcome, 'better');
  // More processor time an operation is worse.
  assert.is(metricOf(compareRuns(runs(steady(500_000)), runs(steady(450_000))), 'cpuPerOperation').outcome, 'worse');
});

test('a run against itself: nothing is decided', () => {
  const random = new Random(1);
  const run = [{}, copyConfig].flatMap((config) => runs(noisy(20, random), config));
  const { family, configurations } = compareRuns(run, run);
  assert.is(family.decided, 0);
  assert.ok(family.comparisons > 0);
  for (const { ratio } of configurations.flatMap(({ metrics }) => metrics)) assert.is(ratio, 1);
});

test('two runs of the same are told apart in 5% at most', () => {
  const random = new Random(5);
  const simulations = 200;
  let decided = 0;
  for (let i = 0; i < simulations; i++) {
    if (metricOf(compareRuns(runs(noisy(20, random)), runs(noisy(20, random)))).outcome !== 'open') decided++;
  }
  // 5% of 200 has a standard error of 1.5%.
  assert.ok(decided <= 0.08 * simulations, `${decided} of ${simulations}`);
});

test('5% slower with noise of 2% is found with 20 invocations in nine of ten comparisons', () => {
  const random = new Random(2);
  const simulations = 100;
  let found = 0;
  for (let i = 0; i < simulations; i++) {
    const [a, b] = [runs(noisy(20, random)), runs(noisy(20, random, 475_000))];
    if (metricOf(compareRuns(a, b)).outcome === 'worse') found++;
  }
  assert.ok(found >= 0.9 * simulations, `${found} of ${simulations}`);
});

test('with too few invocations there is no verdict, however far apart', () => {
  const { family, configurations } = compareRuns(runs(steady(500_000, 5)), runs(steady(100_000, 20)));
  const { outcome, interval, ratio } = metricOf(compareRuns(runs(steady(500_000, 5)), runs(steady(100_000, 20))));
  assert.is(outcome, 'too few');
  assert.is(interval, undefined);
  assert.ok(ratio < 0.25);
  assert.equal([family.comparisons, family.decided, family.expectedByChance], [0, 0, 0]);
  assert.is(family.tooFew, configurations[0].metrics.length);
});

test('the family: how many ratios, and how many chance alone would decide', () => {
  const [a, b] = [
    [{}, copyConfig],
    [copyConfig, {}],
  ].map((configs) => configs.flatMap((config) => runs(steady(500_000), config)));
  const { family, configurations } = compareRuns(a, b);
  const count = configurations.reduce((total, { metrics }) => total + metrics.length, 0);
  assert.is(configurations.length, 2);
  assert.is(count, 2 * configurations[0].metrics.length);
  assert.is(family.comparisons, count);
  assert.ok(Math.abs(family.expectedByChance - 0.05 * count) < 1e-12);
});

test('configurations pair where all that was asked for is the same, however the heap was asked for', () => {
  const a = [...runs(steady(500_000)), ...runs(steady(400_000), copyConfig), ...runs(steady(300_000), { seed: 2 })];
  const b = [...runs(steady(500_000), { heapTimes: 2 }), ...runs(steady(400_000), { ...copyConfig, mutators: 2 })];
  const { configurations, onlyInA, onlyInB } = compareRuns(a, b);
  assert.equal(
    configurations.map(({ title }) => title),
    ['javac continue·bank 128MiB'],
  );
  assert.equal(onlyInA, ['javac copy·remap 128MiB', 'javac continue·bank 128MiB']);
  assert.equal(onlyInB, ['javac copy·remap 128MiB 2m+1w']);
});

test('peers are compared as well, by the figures they have', () => {
  const of = (speed: number) => steady(speed).map((perSecond) => peerResult({}, perSecond));
  const { configurations, family } = compareRuns([...of(400_000), peerFailure()], of(300_000));
  assert.equal(
    configurations.map(({ title, a, b }) => [title, a, b]),
    [['javac g1·17 128MiB', { counted: 8, failed: 1 }, { counted: 8, failed: 0 }]],
  );
  assert.is(metricOf(compareRuns(of(400_000), of(300_000))).outcome, 'worse');
  assert.is(metricOf(compareRuns(of(400_000), of(300_000)), 'flipP50'), undefined);
  assert.ok(family.comparisons > 2);
});

test('failed invocations do not count, and are counted', () => {
  const [first, ...others] = runs(steady(500_000));
  const { schema, invocation, startedAt, config, environment } = first;
  const dead: ResultLine = { schema, invocation, startedAt, config, environment, error: { code: 'X', message: 'no' } };
  const wrong = { ...first, digest: { ...first.digest, ok: false } };
  const { configurations } = compareRuns([dead, wrong, ...others], runs(steady(500_000)));
  assert.equal(configurations[0].a, { counted: 7, failed: 2 });
  assert.equal(configurations[0].b, { counted: 8, failed: 0 });
  const none = compareRuns([dead, dead], runs(steady(500_000)));
  assert.equal(none.configurations[0].metrics, []);
  assert.match(
    renderComparison(none, names).join('\n'),
    '0 (and 2 failed) against 8 invocations\nNothing was measured',
  );
});

test('what was not the same around the runs is said', () => {
  const a = runs(steady(500_000));
  const b = runs(steady(500_000)).map((line) => ({
    ...line,
    environment: { ...line.environment, kernel: '6.1.0', loadAverage: [9, 9, 9] as [number, number, number] },
  }));
  assert.equal(compareRuns(a, b).surroundings, [{ what: 'kernel', a: ['6.18.0'], b: ['6.1.0'] }]);
  assert.equal(compareRuns(a, a).surroundings, []);
  assert.match(renderComparison(compareRuns(a, b), names).join('\n'), 'Not the same: kernel: 6.18.0 against 6.1.0.');
});

test('the text: a row a metric, the same with colour and without, within 100 columns', () => {
  const random = new Random(4);
  const heavy = (speed: number) =>
    [{}, copyConfig].flatMap((config) =>
      noisy(20, random, speed).map((perSecond, i) =>
        someResult(config, { perSecond, pssBytes: Math.round(perSecond * 2000), publishNs: perSecond / 50 }, i),
      ),
    );
  const comparison = compareRuns(heavy(500_000), heavy(450_000));
  const text = renderComparison(comparison, names).join('\n\n');
  for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
  assert.match(text, /^A {2}before\.jsonl\nB {2}after\.jsonl\n/);
  assert.match(text, 'javac continue·bank 128MiB: 20 against 20 invocations');
  assert.match(text, /\noperations a second .* 0\.[89]\d\d +0\.[89]\d\d–0\.9\d\d +worse\n/);
  assert.match(text, /\npeak PSS .* better\n/);
  assert.match(
    text.replace(/\n */g, ' '),
    /\d+ ratios judged, \d+ of them decided\. Had nothing changed, chance alone/,
  );
  assert.not.match(text, /NaN|undefined/);
  const coloured = renderComparison(comparison, names, styleFor({ isTTY: true }, {})).join('\n\n');
  assert.match(coloured, '\u001b[');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken out
  assert.is(coloured.replace(/\u001b\[\d+m/g, ''), text);
});

test('what is judged has a direction, and throughput, pauses and memory are among it', () => {
  for (const name of ['operations', 'flipP50', 'pss', 'cpuPerOperation'] as const)
    assert.ok(judgedMetrics.includes(name));
  const plain = metricOf(compareRuns(runs(steady(5000)), runs(steady(5000))), 'faults');
  assert.is(plain, undefined);
});

const root = mkdtempSync(join(tmpdir(), 'continuum-compare-'));
const cli = fileURLToPath(new URL('../../../bench/cli.js', import.meta.url));

function write(name: string, lines: readonly ResultLine[]): string {
  const path = join(root, name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

function run(...args: string[]) {
  const done = spawnSync(process.execPath, [cli, 'compare', ...args], { encoding: 'utf8', cwd: root, timeout: 30_000 });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

test('the command: slower is no failure, and JSON is what compareRuns answers', () => {
  const [a, b] = [runs(steady(500_000)), runs(steady(400_000))];
  write('a.jsonl', a);
  write('b.jsonl', b);
  const text = run('a.jsonl', 'b.jsonl');
  assert.equal([text.code, text.err], [0, '']);
  assert.match(text.out, /operations a second .* worse\n/);
  const json = run('a.jsonl', 'b.jsonl', '--json');
  assert.is(json.code, 0);
  assert.equal(JSON.parse(json.out), JSON.parse(JSON.stringify(compareRuns(a, b))));
});

test('a folder is all the results files in it', () => {
  mkdirSync(join(root, 'folder'));
  write('folder/1.jsonl', runs(steady(500_000)).slice(0, 4));
  write('folder/2.jsonl', runs(steady(500_000)).slice(4));
  writeFileSync(join(root, 'folder', 'notes.txt'), 'not a result');
  assert.is(readRun(join(root, 'folder')).length, 8);
  assert.match(run('folder', 'a.jsonl').out, '8 against 8 invocations');
});

test('what cannot be compared is one clear line', () => {
  const refused = (args: readonly string[], expected: RegExp, code = 1) => {
    const done = run(...args);
    assert.is(done.code, code, done.err);
    assert.is(done.out, '');
    assert.match(done.err, /^continuum: [^\n]+; [^\n]+\n$/);
    assert.match(done.err, expected);
  };
  mkdirSync(join(root, 'empty'));
  write('other.jsonl', runs(steady(500_000), { seconds: 3, mutators: 2 }));
  writeFileSync(join(root, 'bad.jsonl'), '{"schema":1}\n');
  refused(['a.jsonl', 'absent.jsonl'], /cannot read absent\.jsonl/);
  refused(['a.jsonl', 'empty'], /no result line in empty/);
  refused(['a.jsonl', 'bad.jsonl'], /bad\.jsonl, line 1/);
  refused(
    ['a.jsonl', 'other.jsonl'],
    /in both .*: the two most alike differ in mutators \(1 against 2\), seconds \(8 /,
  );
  refused(['a.jsonl'], /missing required argument/, 2);
});

test('heaps of different sizes are compared each with its own', () => {
  const of = (speed: number) =>
    [64 * MiB, 128 * MiB].flatMap((heapBytes) => runs(steady(speed + heapBytes / 1000), { heapBytes }));
  const { configurations } = compareRuns(of(500_000), of(450_000));
  assert.equal(
    configurations.map(({ config }) => config.heapBytes),
    [64 * MiB, 128 * MiB],
  );
  for (const { metrics } of configurations) assert.is(metrics[0].outcome, 'worse');
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
