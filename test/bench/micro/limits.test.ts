import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Comparison, comparePair } from '../../../bench/micro/comparison.js';
import { Arena } from '../../../bench/micro/limits/arena.js';
import type { DeliveryKind } from '../../../bench/micro/limits/deliveries.js';
import { FaultBench } from '../../../bench/micro/limits/fault.js';
import type { LimitsLine } from '../../../bench/micro/limits/program.js';
import { packageRoot } from '../../../bench/package.js';
import { RESOLUTIONS } from '../../../gc/index.js';
import { mapRun, PAGE_BYTES } from '../../../heap/index.js';

const program = join(packageRoot, 'native', 'build', 'Release', 'limits');
const script = fileURLToPath(new URL('../../../bench/micro/index.js', import.meta.url));

function run(file: string, args: readonly string[]) {
  const done = spawnSync(file, args, { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' });
  assert.is(done.signal, null, `${args.join(' ')} did not end: ${done.stderr}`);
  return done;
}

const limits = (...args: string[]) => run(program, args);
const linesOf = <T>(text: string): T[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

// ---- the bare program ----------------------------------------------------------------------------------------------

test('the bare program prints a line of JSON for everything it lists', () => {
  const names = limits('--list').stdout.trimEnd().split('\n');
  for (const name of ['fault.signal.continue', 'fault.handler.continue', 'fault.signal.protect', 'publish.move']) {
    assert.ok(names.includes(name), name);
  }
  const { stdout, status, stderr } = limits('--quick', '--runs', '1,16');
  assert.is(status, 0, stderr);
  const lines = linesOf<LimitsLine>(stdout);
  assert.equal([...new Set(lines.map(({ name }) => name))], names);
  for (const line of lines) {
    if ('skipped' in line) {
      assert.match(line.name, 'move', `${line.name} was left out: ${line.skipped}`); // Linux before 6.8
      continue;
    }
    assert.ok(line.count > 0, line.name);
    assert.ok(line.min > 0 && line.min <= line.p50 && line.p50 <= line.p99 && line.p99 <= line.max, line.name);
  }
  const published = lines.filter(({ name }) => name === 'publish.continue');
  assert.equal(
    published.map((line) => 'run' in line && line.run),
    [1, 16],
  );
});

test('it measures what it was asked for, as much as it was asked for', () => {
  const { stdout } = limits('--pages', '64', '--rounds', '3', '--pin', 'free', 'fault.signal.co', 'fault.poll.copy');
  const lines = linesOf<LimitsLine>(stdout);
  assert.equal(
    lines.map(({ name }) => name),
    ['fault.signal.continue', 'fault.signal.copy', 'fault.poll.copy'],
  );
  for (const line of lines) assert.is('count' in line && line.count, 3 * 64);
});

test('it says what is wrong with its arguments', () => {
  for (const [args, complaint] of [
    [['--zzz'], "unknown option '--zzz'"],
    [['--pages', '0'], "not a number from 1 to 16777216: '0'"],
    [['--runs', '1,,2'], "not a number from 1 to 16777216: ''"],
    [['--runs'], "a value is missing behind '--runs'"],
    [['--pin', 'anywhere'], "not one of apart, together and free: 'anywhere'"],
    [['--pin-threads', '1'], "not two threads: '1'"],
    [['nonesuch'], 'no measure has such a name'],
  ] as const) {
    const { status, stderr } = limits(...args);
    assert.is(status, 2, args.join(' '));
    assert.match(stderr, complaint);
  }
  assert.match(limits('--help').stdout, '--pin-threads');
  const small = linesOf<LimitsLine>(limits('--pages', '16', 'publish.continue', '--runs', '64').stdout);
  assert.is('skipped' in small[0] && small[0].skipped, 'the arena is too small');
});

// ---- our side ------------------------------------------------------------------------------------------------------

for (const resolution of Object.keys(RESOLUTIONS)) {
  test(`${resolution}: an armed arena has no page in its view and every page to publish, flip after flip`, () => {
    const pages = 300;
    const arena = new Arena(resolution, pages);
    const { heap, first } = arena;
    try {
      for (let flip = 0; flip < 4; flip++) {
        arena.rearm();
        const bound = RESOLUTIONS[resolution].bind(heap);
        const published = mapRun({
          pages,
          pageBytes: PAGE_BYTES,
          attempt: (done) => bound.publish(first + done, pages - done, 0),
          exists: () => {},
        });
        assert.is(published, pages);
        const words = heap.view(heap.bank);
        for (let page = first; page < first + pages; page++) assert.is(words[(page * PAGE_BYTES) / 4], page);
      }
    } finally {
      arena.close();
    }
  });
}

test('a delivery that fails ends the benchmark, and nobody is left in a fault', async () => {
  let stopped = 0;
  const failing: DeliveryKind = {
    name: 'handler',
    placements: ['together'],
    start: async () => ({
      server: null,
      failed: new Promise((_, reject) => setTimeout(() => reject(new Error('the server died')), 50)),
      stop: async () => {
        stopped++;
      },
    }),
  };
  const [opened] = await Promise.allSettled([FaultBench.open(failing, 'continue', 64)]);
  assert.is(opened.status === 'rejected' && opened.reason.message, 'the server died');
  assert.is(stopped, 1);
});

test('a pair takes turns, the bare side first, and gives the ratio of medians', async () => {
  const order: string[] = [];
  const times = { ours: [30, 10, 20], bare: [4, 8, 6] };
  const turn = (side: 'ours' | 'bare') => () => {
    order.push(side);
    return { p50: times[side][(order.length - 1) >> 1], other: Number.NaN };
  };
  const pair = { name: 'pair', unit: 'ns', ours: turn('ours'), bare: turn('bare') };
  const results: Comparison[] = [];
  await comparePair('suite', pair, { seconds: 0, quick: false }, (result) => results.push(result));
  assert.equal(order, ['bare', 'ours', 'bare', 'ours', 'bare', 'ours']);
  assert.is(results.length, 1, 'what has no figures is not told');
  const [{ name, ours, bare, ratio, ratioOfBest }] = results;
  assert.equal([name, ours.median, bare.median, ratio, ratioOfBest], ['pair, p50', 20, 6, 20 / 6, 10 / 4]);
});

test('the suite compares every delivery and resolution there is, and says what it leaves out', () => {
  const { stdout, stderr, status } = run(process.execPath, [script, '--quick', '--json', 'limits']);
  assert.is(status, 0, stderr);
  const results = linesOf<Comparison>(stdout);
  for (const { name, unit, ours, bare, ratio } of results) {
    assert.ok(ours.median > 0 && bare.median > 0, name);
    assert.is(ratio, ours.median / bare.median);
    assert.is(unit, name.startsWith('fault') ? 'ns' : 'ns a page');
  }
  const names = results.map(({ name }) => name);
  for (const wanted of ['fault, handler + continue, one core, p50', 'hand out by continue, 16 pages a chunk']) {
    assert.ok(names.includes(wanted), `${wanted} in ${names.join('; ')}`);
  }
  for (const resolution of Object.keys(RESOLUTIONS)) {
    const measured = names.some((name) => name.startsWith(`publish ${resolution},`));
    const leftOut = stderr.includes(`publish.${resolution} left out: `);
    assert.ok(measured !== leftOut, `publish ${resolution}: ${stderr}`);
  }
});

test.run();
