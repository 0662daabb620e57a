import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expand } from '../../../bench/configurations/configurations.js';
import { Complaint, complaintLine, exitCodes } from '../../../bench/errors.js';
import { shippedGraphPath } from '../../../bench/graph/index.js';
import { readOptions, type TypedOptions } from '../../../bench/options/options.js';
import { GiB, MiB } from '../../../bench/sizes.js';
import { workloads } from '../../../bench/workloads/table.js';

const memory = 8 * GiB;
const sweep = (typed: TypedOptions) => expand(readOptions(typed), memory);

/** The one line for bad options. */
function complaint(typed: TypedOptions): string {
  try {
    sweep(typed);
  } catch (error) {
    assert.instance(error, Complaint);
    assert.is((error as Complaint).exitCode, exitCodes.usage);
    const line = complaintLine(error);
    assert.not.match(line, '\n');
    return line;
  }
  return 'no complaint';
}

test('without options: javac and churn by continue and by copy, each with its own flip', () => {
  const { configs, leftOut } = sweep({});
  assert.equal(
    configs.map(({ workload, resolution, flip, delivery }) => [workload, resolution, flip, delivery]),
    [
      ['javac', 'continue', 'bank', 'handler'],
      ['javac', 'copy', 'remap', 'handler'],
      ['churn', 'continue', 'bank', 'handler'],
      ['churn', 'copy', 'remap', 'handler'],
    ],
  );
  assert.equal(leftOut, []);
  assert.is(configs[0].heapBytes, configs[1].heapBytes);
});

test('a heap without a workload is for javac', () => {
  assert.equal([...new Set(sweep({ heap: ['256MiB'] }).configs.map(({ workload }) => workload))], ['javac']);
});

test('lists are swept, whether given at once or one by one', () => {
  const { configs } = sweep({ heap: ['256MiB,1GiB'], mutators: ['1', '2'], resolution: ['continue'] });
  assert.equal(
    configs.map(({ heapBytes, mutators }) => [heapBytes / MiB, mutators]),
    [
      [256, 1],
      [256, 2],
      [1024, 1],
      [1024, 2],
    ],
  );
});

test('what is named twice is run once, and all stands for every name', () => {
  assert.is(sweep({ workload: ['javac'], resolution: ['copy,copy'] }).configs.length, 1);
  assert.is(
    new Set(sweep({ workload: ['all'] }).configs.map(({ workload }) => workload)).size,
    Object.keys(workloads).length,
  );
});

test('references are swept for pages, and for nothing else', () => {
  const counts = (typed: TypedOptions) =>
    sweep({ resolution: ['continue'], ...typed }).configs.map((c) => c.references);
  assert.equal(counts({ workload: ['pages,churn'] }), [0, 1, 16, 128, 1000, undefined]);
  assert.equal(counts({ workload: ['pages,churn'], references: ['0,7'] }), [0, 7, undefined]);
  assert.equal(counts({ references: ['3'] }), [3], 'the option says which workload is meant');
});

test('a graph is for its workload, and its heap follows from it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'continuum-options-'));
  try {
    const [config] = sweep({ graph: [shippedGraphPath()], resolution: ['continue'] }).configs;
    assert.is(config.workload, 'graph');
    assert.is(config.graph, shippedGraphPath());
    assert.ok(config.heapBytes >= 108 * MiB && config.heapBytes < 128 * MiB, `${config.heapBytes}`);
    assert.throws(() => sweep({ graph: [join(folder, 'none')] }), /none: .*no such file/i);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a fixed amount of work is in every configuration', () => {
  assert.is(sweep({ operations: ['5000'] }).configs[0].operations, 5000);
  assert.is(sweep({}).configs[0].operations, undefined);
});

test('illegal combinations are left out with a reason', () => {
  const { configs, leftOut } = sweep({ workload: ['javac'], resolution: ['continue,copy'], flip: ['bank,remap'] });
  assert.equal(
    configs.map(({ resolution, flip }) => `${resolution} ${flip}`),
    ['continue bank', 'continue remap', 'copy remap'],
  );
  assert.is(leftOut.length, 1);
  assert.match(leftOut[0], /^copy cannot flip by bank: .*private/);
});

test('an error when nothing legal is left', () => {
  assert.match(complaint({ resolution: ['copy'], flip: ['bank'] }), /no legal combination is left: copy cannot flip/);
});

test('quick shortens what is not said otherwise', () => {
  const quick = readOptions({ quick: true });
  assert.equal([quick.seconds, quick.invocations], [2, 1]);
  assert.is(readOptions({ quick: true, seconds: ['500ms'] }).seconds, 0.5);
});

test('scales are numbers or fractions', () => {
  assert.equal(readOptions({ scale: ['1/8,0.25,8'] }).scale, [0.125, 0.25, 8]);
});

const bad: readonly (readonly [TypedOptions, RegExp])[] = [
  [{ resolution: ['contniue'] }, /--resolution cannot be 'contniue'; did you mean continue\?/],
  [{ resolution: ['zzzzzz'] }, /choose from continue, copy/],
  [{ workload: ['chrun'] }, /did you mean churn\?/],
  [{ delivery: ['polling'] }, /--delivery cannot be 'polling'; choose from handler, signal, none/],
  [{ publish: ['eagre'] }, /--publish cannot be 'eagre'; did you mean eager\?/],
  [{ walk: ['random'] }, /choose from address, faults/],
  [{ evacuate: ['dense'] }, /--evacuate cannot be 'dense'; choose from sparse, full, none/],
  [{ batch: ['0'] }, /--batch cannot be '0'; it must be at least 1/],
  [{ batch: ['4096'] }, /at most 1024/],
  [{ residentFree: ['some'] }, /--resident-free cannot be 'some'; it must be a whole number of regions, or 'all'/],
  [{ residentFree: ['-1'] }, /--resident-free cannot be/],
  [{ faultServers: ['5'] }, /--fault-servers cannot be '5'; it must be at most 4/],
  [{ userfaultfds: ['0'] }, /--userfaultfds cannot be '0'/],
  [{ barrier: ['hardware'] }, /choose from software, kernel/],
  [{ pages: ['2MiB'] }, /--pages cannot be '2MiB'; choose from 4K, 2M/],
  [{ flip: ['rempa'] }, /did you mean remap\?/],
  [{ heap: ['64GB'] }, /--heap: size '64GB' has the unit 'GB'; .*64GiB/],
  [{ heap: ['65MB,64MiB'] }, /65MiB/],
  [{ heap: ['64.5MiB'] }, /whole number of MiB/],
  [{ heap: ['32GiB'] }, /at most 16382MiB/],
  [{ heap: ['1MiB'] }, /at least 8MiB/],
  [{ heap: ['16GiB'] }, /at most 16382MiB/],
  [{ heap: ['15GiB'] }, /larger than this machine's memory.*use --heap 4GiB or less/],
  [{ references: ['1001'] }, /--references cannot be '1001'; it must be at most 1000/],
  [{ references: ['16'], workload: ['churn,lru'] }, /--references is for workload pages; use --workload pages/],
  [{ graph: ['some.heapgraph'], workload: ['javac'] }, /--graph is for workload graph; use --workload graph/],
  [{ operations: ['0'] }, /--operations cannot be '0'; it must be at least 1/],
  [{ heap: ['32MiB'] }, /heap 32MiB is too small for javac.*use --heap \d+MiB or more/],
  [{ workload: ['churn'], heap: ['512MiB'] }, /too small for churn at scale 1, which keeps 544 MiB live/],
  [{ heap: [''] }, /--heap has an empty value/],
  [{ workload: ['javac,'] }, /empty value/],
  [{ scale: ['65'] }, /--scale cannot be '65'; it must be at most 64/],
  [{ scale: ['1/8,2'] }, /--scale 2 is above 1, the most for churn; use --workload javac,graph, which takes copies/],
  [{ scale: ['0'] }, /above 0/],
  [{ scale: ['1/0'] }, /--scale cannot be/],
  [{ mutators: ['0'] }, /--mutators cannot be '0'; it must be at least 1/],
  [{ mutators: ['1.5'] }, /whole number/],
  [{ gcWorkers: ['many'] }, /--gc-workers cannot be 'many'; it must be a whole number/],
  [{ seconds: ['-5'] }, /--seconds: '-5' is not a duration/],
  [{ seconds: ['5', '6'] }, /--seconds is given 2 times/],
  [{ invocations: ['0x10'] }, /--invocations cannot be/],
  [{ seed: ['-1'] }, /--seed cannot be '-1'/],
];

for (const [typed, expected] of bad) {
  test(`bad: ${JSON.stringify(typed)}`, () => {
    const line = complaint(typed);
    assert.match(line, /^continuum: .+; .+$/);
    assert.match(line, expected);
  });
}

test.run();
