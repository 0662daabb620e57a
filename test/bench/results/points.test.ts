/** The order of a sweep, and that tables do not depend on it. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { configKey } from '../../../bench/configurations/describe.js';
import { panelsOf } from '../../../bench/report/panels.js';
import { withoutRepeated } from '../../../bench/results/lost.js';
import { inRounds, type Point, pointKey } from '../../../bench/results/points.js';
import { placeOf, readSweep, writeSweep } from '../../../bench/results/sweep-file.js';
import type { InvocationConfig, ResultLine } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { somePeerConfig } from '../../support/peer-results.js';
import { copyConfig, someConfig, someEnvironment, someResult } from '../../support/synthetic-results.js';

const some = (count: number): InvocationConfig[] =>
  Array.from({ length: count }, (_, i) => ({ ...someConfig, heapBytes: (64 + i) * MiB }));
const keys = (points: readonly Point[]) => points.map(({ config }) => configKey(config));

test('each round holds every configuration once', () => {
  const counts = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(counts, counts, fc.nat(), (configs, invocations, seed) => {
      const all = some(configs);
      const points = inRounds(all, invocations, seed);
      assert.is(points.length, configs * invocations);
      for (let round = 0; round < invocations; round++) {
        const of = points.slice(round * configs, (round + 1) * configs);
        assert.ok(of.every(({ invocation }) => invocation === round));
        assert.equal(keys(of).sort(), all.map(configKey).sort());
      }
    }),
  );
});

test('the order follows from the seed, and differs from round to round', () => {
  const order = (seed: number) => keys(inRounds(some(6), 8, seed));
  assert.equal(order(7), order(7));
  assert.not.equal(order(7), order(8));
  const rounds = Array.from({ length: 8 }, (_, round) =>
    order(7)
      .slice(round * 6, round * 6 + 6)
      .join(),
  );
  assert.ok(new Set(rounds).size > 4);
});

test('every configuration comes first about as often as any other', () => {
  const configs = some(4);
  const invocations = 4000;
  const firsts = new Map<string, number>();
  for (const { config, invocation } of inRounds(configs, invocations, 3).filter((_, i) => i % 4 === 0)) {
    assert.ok(invocation < invocations);
    firsts.set(configKey(config), (firsts.get(configKey(config)) ?? 0) + 1);
  }
  // 1000 each, with a standard deviation of 27: six of them are not a matter of chance.
  for (const config of configs) assert.ok(Math.abs((firsts.get(configKey(config)) ?? 0) - 1000) < 165);
});

test('a sweep on disk is the same sweep, peers of it too, in the same order', () => {
  const folder = mkdtempSync(join(tmpdir(), 'continuum-points-'));
  const points = inRounds([...some(5), somePeerConfig], 3, 9);
  const stored = { startedAt: '2026-01-02T03:04:05.678Z', seed: 9, place: placeOf(someEnvironment), leftOut: ['why'] };
  try {
    const file = join(folder, 'x.sweep.json');
    writeSweep(file, { ...stored, points });
    assert.equal(readSweep(file), { ...stored, points });
    assert.equal(readdirSync(folder), ['x.sweep.json']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('tables are the same whatever the order of the lines', () => {
  const configs: Partial<InvocationConfig>[] = [
    ...(['javac', 'churn'] as const).flatMap((workload) =>
      [128, 256].flatMap((size) => [
        { workload, heapBytes: size * MiB },
        { workload, heapBytes: size * MiB, delivery: 'signal' as const },
        { workload, heapBytes: size * MiB, flip: 'remap' as const },
        { workload, heapBytes: size * MiB, ...copyConfig },
        { workload, heapBytes: size * MiB, ...copyConfig, batch: 8 },
        { workload, heapBytes: size * MiB, ...copyConfig, batch: 64 },
      ]),
    ),
  ];
  const lines = configs.map((config) => someResult(config));
  const shown = (of: readonly ResultLine[]) =>
    panelsOf(of).map(({ title, columns }) => [title, ...columns.map(({ label }) => label)]);
  const expected = shown(lines);
  assert.match(expected[0][0], /^javac.*heap 128MiB/);
  fc.assert(
    fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
      assert.equal(shown(shuffled), expected);
    }),
  );
});

test('a point that was lost counts by its repetition, and what was measured always counts', () => {
  const measured = someResult();
  const { schema, startedAt, config, environment } = measured;
  const dead = (code: string, invocation = 0): ResultLine => ({
    ...{ schema, startedAt, config, environment, invocation },
    error: { code, message: 'it ended' },
  });
  const codes = (lines: ResultLine[]) => withoutRepeated(lines).map(({ error }) => error?.code ?? 'ok');
  assert.equal(codes([dead('DEADLINE'), measured]), ['ok']);
  assert.equal(codes([dead('KILLED'), dead('DEADLINE')]), ['DEADLINE']);
  assert.equal(codes([dead('DEADLINE', 1), measured]), ['DEADLINE', 'ok']);
  assert.equal(codes([dead('OUT_OF_MEMORY'), measured, measured]), ['OUT_OF_MEMORY', 'ok', 'ok']);
  assert.not.equal(pointKey(dead('KILLED', 1)), pointKey(measured));
});

test.run();
