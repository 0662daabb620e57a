/** The smallest heap: found by bisection, kept, and multiplied. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { smallestPassing } from '../../../bench/commands/bisection.js';
import { expand } from '../../../bench/configurations/configurations.js';
import { keepMinimum, type Minimum, MinimumHeaps, readMinima } from '../../../bench/configurations/minimum-heaps.js';
import { complaintLine } from '../../../bench/errors.js';
import { readOptions, type TypedOptions } from '../../../bench/options/options.js';
import { panelsOf } from '../../../bench/report/panels.js';
import { GiB, MiB } from '../../../bench/sizes.js';
import { endings, neededHeapMiB } from '../../support/fake-invocation.js';
import { someResult } from '../../support/synthetic-results.js';

const fake = fileURLToPath(new URL('../../support/fake-cli.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'continuum-minheap-'));

test('bisection finds the smallest that passes, wherever it is, in few tries', async () => {
  const size = fc.integer({ min: 8, max: 4096 });
  await fc.assert(
    fc.asyncProperty(size, size, async (needed, guess) => {
      let tries = 0;
      const found = await smallestPassing({ tooSmall: 7, guess, most: 4096 }, async (value, left) => {
        tries++;
        assert.ok(value > 7 && value <= 4096 && left >= 0);
        return value >= needed;
      });
      assert.is(found, needed);
      assert.ok(tries <= 30, `${tries} tries`);
    }),
  );
});

test('bisection gives up where nothing passes', async () => {
  const tried: number[] = [];
  const found = await smallestPassing({ tooSmall: 7, guess: 100, most: 300 }, async (value) => {
    tried.push(value);
    return false;
  });
  assert.is(found, undefined);
  assert.equal(tried, [100, 150, 225, 300]);
});

const some: Minimum = {
  ...{ workload: 'churn', scale: 1 / 8, mutators: 1, heapBytes: 81 * MiB },
  ...{ resolution: 'continue', delivery: 'handler', flip: 'bank', gcWorkers: 1, seconds: 2, seed: 1 },
  ...{ invocations: 2, foundAt: '2026-01-02T03:04:05.678Z', commit: null },
};

test('what a workload is told of its own has a minimum of its own', () => {
  const file = join(root, 'own/minheap.json');
  const pages: Minimum = { ...some, workload: 'pages', scale: 1, references: 16 };
  const graph: Minimum = { ...some, workload: 'graph', scale: 1, graph: 'a.heapgraph', heapBytes: 30 * MiB };
  for (const minimum of [pages, { ...pages, references: 128, heapBytes: 99 * MiB }, graph]) keepMinimum(file, minimum);
  const heaps = new MinimumHeaps(file);
  assert.is(heaps.of(pages), 81 * MiB);
  assert.is(heaps.of({ ...pages, references: 128 }), 99 * MiB);
  assert.is(heaps.of({ ...pages, references: 1000 }), undefined);
  assert.is(heaps.of({ ...graph, graph: 'b.heapgraph' }), undefined);
  const twice = { workload: ['pages'], references: ['16,128'], heap: ['2x'], resolution: ['continue'] };
  const configs = expand(readOptions(twice), 8 * GiB, heaps).configs;
  assert.equal(
    configs.map(({ references, heapBytes }) => [references, heapBytes / MiB]),
    [
      [16, 162],
      [128, 198],
    ],
  );
  const unknown = { ...twice, references: ['1000'] };
  assert.match(
    complaint(() => expand(readOptions(unknown), 8 * GiB, heaps)),
    /the smallest heap of pages --references 1000, .*continuum minheap --workload pages --references 1000,/,
  );
});

test('there is one minimum a workload, scale and number of mutators', () => {
  const file = join(root, 'kept/deeper/minheap.json');
  assert.equal(readMinima(file), []);
  for (const minimum of [some, { ...some, scale: 1 }, { ...some, mutators: 2 }]) keepMinimum(file, minimum);
  keepMinimum(file, { ...some, resolution: 'copy', flip: 'remap', heapBytes: 90 * MiB });
  const heaps = new MinimumHeaps(file);
  assert.is(readMinima(file).length, 3);
  assert.is(heaps.of(some), 90 * MiB);
  assert.is(heaps.of({ ...some, mutators: 2 }), 81 * MiB);
  assert.is(heaps.of({ ...some, workload: 'javac' }), undefined);
});

function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return complaintLine(error);
  }
  return 'no complaint';
}

test('a file that is none is named', () => {
  const file = join(root, 'bad.json');
  writeFileSync(file, '{');
  assert.match(
    complaint(() => readMinima(file)),
    /cannot read .*bad\.json: .*; remove it and run continuum minheap again/,
  );
  writeFileSync(file, JSON.stringify({ format: 'continuum-minheap/1', minima: [{ ...some, heapBytes: 1 }] }));
  assert.match(
    complaint(() => readMinima(file)),
    /bad\.json: minima\.0\.heapBytes: /,
  );
  assert.match(
    complaint(() => keepMinimum('/proc/continuum/minheap.json', some)),
    /cannot write \/proc\/continuum/,
  );
});

const expanded = (typed: TypedOptions, minima: readonly Minimum[] = [some]) =>
  expand(readOptions(typed), 8 * GiB, new MinimumHeaps('results/minheap.json', minima)).configs;
const churn: TypedOptions = { workload: ['churn'], scale: ['1/8'] };

test('a multiple is of the same heap for every way, in whole huge pages', () => {
  const configs = expanded({ ...churn, heap: ['1x,1.3x,2.0x,256MiB'], resolution: ['continue,copy'] });
  assert.equal(
    configs.map(({ heapBytes, heapTimes, resolution }) => [heapBytes / MiB, heapTimes, resolution]),
    [
      [82, 1, 'continue'],
      [82, 1, 'copy'],
      [106, 1.3, 'continue'],
      [106, 1.3, 'copy'],
      [162, 2, 'continue'],
      [162, 2, 'copy'],
      [256, undefined, 'continue'],
      [256, undefined, 'copy'],
    ],
  );
});

test('a minimum that was found stands above the estimate of the table', () => {
  const small = { ...some, heapBytes: 70 * MiB };
  assert.is(expanded({ ...churn, heap: ['72MiB'] }, [small])[0].heapBytes, 72 * MiB);
  assert.match(
    complaint(() => expanded({ ...churn, heap: ['72MiB'] }, [])),
    /heap 72MiB is too small for churn at scale 1\/8/,
  );
  assert.match(
    complaint(() => expanded({ ...churn, heap: ['64MiB'] }, [small])),
    /use --heap 70MiB or more/,
  );
});

test('a multiple of what is not known says how to find it', () => {
  assert.is(
    complaint(() => expanded({ ...churn, mutators: ['2'], heap: ['1.3x'] })),
    'continuum: --heap 1.3x needs the smallest heap of churn --scale 1/8 --mutators 2, and results/minheap.json does ' +
      'not have it; find it first: continuum minheap --workload churn --scale 1/8 --mutators 2, or give --heap in MiB',
  );
  for (const [heap, expected] of [
    ['0.9x', /--heap cannot be '0\.9x'; it must be at least 1x/],
    ['101x', /at most 100x/],
    ['x', /'x' is not a size/],
    ['-2x', /'-2x' is not a size/],
  ] as const) {
    assert.match(
      complaint(() => expanded({ ...churn, heap: [heap] })),
      expected,
    );
  }
});

test('tables name the multiple', () => {
  const [panel] = panelsOf([1.3, 2].map((heapTimes) => someResult({ heapTimes, heapBytes: heapTimes * 100 * MiB })));
  assert.equal(
    panel.columns.map(({ label }) => label),
    ['heap 1.3x (130MiB)', 'heap 2x (200MiB)'],
  );
});

function run(args: readonly string[]) {
  const done = spawnSync(process.execPath, [fake, ...args], {
    ...{ encoding: 'utf8', cwd: root, timeout: 60_000, killSignal: 'SIGKILL' },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

test('the command finds, shows and keeps it, and a sweep takes it from there', () => {
  const search = ['minheap', '--workload', 'javac', '--invocations', '1', '--seed', String(endings.needsHeap)];
  const { code, out, err } = run(search);
  assert.is(code, 0, err);
  assert.match(
    out,
    `javac at scale 1: ${neededHeapMiB}MiB is the smallest heap in which 1 invocation by continue·bank`,
  );
  assert.match(err, /^\[1\/\d+\] javac continue·bank 80MiB .*too small: OUT_OF_MEMORY$/m);
  assert.match(err, /javac continue·bank 85MiB .*large enough$/m);
  const [kept] = readMinima(join(root, 'results/minheap.json'));
  assert.is(kept.heapBytes, neededHeapMiB * MiB);
  // A folder of its own for the results does without one, too.
  const planned = run(['bench', '--workload', 'javac', '--heap', '2x', '--out', 'elsewhere', '--dry-run']);
  assert.match(planned.out, 'javac continue·bank 2x (170MiB)');
});

test('what is no matter of the heap ends the search, and keeps what was there', () => {
  const before = readFileSync(join(root, 'results/minheap.json'), 'utf8');
  const { code, err } = run(['minheap', '--workload', 'javac', '--seed', String(endings.crash)]);
  assert.is(code, 1);
  assert.match(err, /^continuum: javac continue·bank 80MiB: the process died of SIGSEGV in phase measure; /m);
  assert.is(readFileSync(join(root, 'results/minheap.json'), 'utf8'), before);
  const two = run(['minheap', '--resolution', 'continue,copy']);
  assert.is(two.code, 2);
  assert.match(two.err, /a workload has one smallest heap, .*name one --resolution/);
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
