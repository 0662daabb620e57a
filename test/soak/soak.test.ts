// deadline: 900s
/** Whole soaks of a round or two: those that go well, and those in which something is broken. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../support/child.js';
import { exitAfterwards } from '../support/exit.js';
import type { RoundSettings } from './settings.js';
import { Soak, type SoakResult } from './soak.js';

const ENTRY = new URL('./index.js', import.meta.url);
const LONG_MS = 120_000;

const ROUND: RoundSettings = {
  ...{ round: 0, seed: 11, fresh: false, pageBytes: 4096, verify: true },
  program: { kind: 'stress', heapMiB: 48, mutators: 1, seconds: 0.5, scale: 1 },
  way: { resolution: 'continue', delivery: 'handler', flip: 'bank' },
  choices: { barrier: 'software', poison: false, userfaultfds: 1 },
  collector: {
    ...{ workers: 1, publish: 'eager', walk: 'address', evacuate: 'sparse', maxLiveShare: 0.85, ahead: 'always' },
  },
  injection: {},
};

const test = suite<{ out: string }>('soak');
exitAfterwards(test as unknown as Parameters<typeof exitAfterwards>[0]);
test.before.each((context) => {
  context.out = mkdtempSync(join(tmpdir(), 'continuum-soak-test-'));
});
test.after.each(({ out }) => rmSync(out, { recursive: true, force: true }));

function soak(out: string, rounds: readonly Partial<RoundSettings>[], watchdogMs = 60_000): Promise<SoakResult> {
  const draw = (round: number) => (round < rounds.length ? { ...ROUND, ...rounds[round], round } : undefined);
  return new Soak({ seed: 1, out, draw, watchdogMs, until: performance.now() + LONG_MS }).run();
}

const read = (folder: string, file: string) => readFileSync(join(folder, file), 'utf8');

test('rounds that go well leave a sum and nothing else', async ({ out }) => {
  const churn = { kind: 'churn', heapMiB: 32, mutators: 1, seconds: 0.5, scale: 1 / 64 } as const;
  const { sum, failures, longest, interrupted } = await soak(out, [
    {},
    { program: churn, way: { resolution: 'copy', delivery: 'signal', flip: 'remap' } },
    { fresh: true, injection: { lose: { phases: ['compact'], chance: 0.01, how: 'exit' }, most: 1 } },
  ]);
  assert.equal(failures, [], failures[0]?.why);
  assert.is(interrupted, false);
  assert.is(sum.rounds, 3);
  assert.is(longest?.rounds, 2);
  assert.ok(sum.cycles > 0 && sum.compactions > 0 && sum.operations > 0 && sum.compared >= 5);
  const incidents = Object.values(sum.incidents).reduce((all, count) => all + count, 0);
  assert.is(incidents > 0, sum.losses > 0, 'who was lost is in the records, and nobody else');
});

test('a round that fails leaves a folder, and its command repeats the failure', async ({ out }) => {
  const broken: Partial<RoundSettings> = {
    program: { ...ROUND.program, seconds: 30, mutators: 2 },
    injection: { skipUpdate: true },
  };
  const { failures } = await soak(out, [{}, broken]);
  assert.is(failures.length, 1);
  const { folder, why } = failures[0]!;
  assert.match(read(folder, 'why.txt'), /^seed 1, round 1: stress .* continue × handler × bank, skipUpdate/);
  assert.ok(read(folder, 'why.txt').includes(why));
  assert.equal(JSON.parse(read(folder, 'settings.json')), [{ ...ROUND, ...broken, round: 1 }]);
  assert.is(JSON.parse(read(folder, 'all-settings.json')).length, 2, 'what its process did before is there too');
  const { control, regions, pageStates, mutators } = JSON.parse(read(folder, 'state.json'));
  assert.ok(control.CYCLE > 0 && mutators.length === 2);
  assert.is(regions.length, 49);
  assert.is(regions[0].state, 'NULL');
  const pages = Object.values(pageStates as Record<string, Record<string, number>>).flatMap(Object.values);
  assert.is(
    pages.reduce((sum: number, count: number) => sum + count, 0),
    49 * 256,
  );
  assert.match(read(folder, 'pages.txt'), /^generation \d+\n0/);
  for (const file of ['metadata.gz', 'heap.gz', 'output.txt']) assert.ok(existsSync(join(folder, file)), file);
  const [command] = read(folder, 'command.txt').split('\n');
  const options = { encoding: 'utf8', timeout: LONG_MS, env: { ...process.env, TMPDIR: out } } as const;
  const again = spawnSync('/bin/sh', ['-c', command!], options);
  assert.is(again.status, 1, again.stderr);
  assert.match(again.stdout, /FAILED: \S.*\n.*\n[\s\S]* 1 rounds failed/);
});

test('a round that hangs is ended by the watchdog, and its state is written all the same', async ({ out }) => {
  const began = performance.now();
  const hang = { delay: { phases: ['compact'], chance: 1, ms: 10 * LONG_MS } } as const;
  const { failures } = await soak(out, [{ injection: hang, program: { ...ROUND.program, seconds: 60 } }], 15_000);
  assert.ok(performance.now() - began < LONG_MS);
  assert.is(failures.length, 1);
  const { folder, why } = failures[0]!;
  assert.match(why, /no progress for 15 s; the last that was seen: run/);
  const { control, pageStates, why: asked } = JSON.parse(read(folder, 'state.json'));
  assert.is(control.COMPACTING, 1, 'as it hangs');
  assert.is(asked, 'asked for by the watchdog');
  assert.ok(Object.keys(pageStates).length > 1);
});

test('a heap that stays open is a leak', async ({ out }) => {
  const { failures, sum } = await soak(out, [{ leak: true }, {}]);
  assert.is(failures.length, 1);
  assert.match(failures[0]!.why, /leaks: .*memfds are left with no heap open/);
  assert.is(sum.rounds, 2, 'the next round has a process of its own');
});

test('a heap that is given up takes its process along, and leaves its state', async ({ out }) => {
  const lose = { phases: ['compact', 'recover', 'collector'], chance: 1, how: 'throw' } as const;
  const { failures } = await soak(out, [
    { injection: { lose, most: 1000 }, program: { ...ROUND.program, seconds: 60 } },
  ]);
  assert.is(failures.length, 1);
  const { folder, why } = failures[0]!;
  assert.match(why, /signal SIG(ABRT|BUS|SEGV)[\s\S]*the heap is lost in cycle \d+/);
  const { control, why: cause } = JSON.parse(read(folder, 'state.json'));
  assert.is(control.COMPACTING, 1);
  assert.match(cause, /lost on purpose \(collector\)/);
});

test('a process that dies without a word is a failure', async ({ out }) => {
  const { failures } = await soak(out, [{ fresh: true, injection: { env: { NODE_OPTIONS: '--no-such-option' } } }]);
  assert.is(failures.length, 1);
  assert.match(failures[0]!.why, /ended by exit code 9.*\n[\s\S]*no-such-option/);
});

test('the command says what it is for, and what it cannot read', async () => {
  const help = await runScript(ENTRY, ['--help']);
  assert.is(help.code, 0);
  for (const word of ['--minutes', '--seed', '--json', '--repeat']) assert.ok(help.output.includes(word), word);
  assert.is((await runScript(ENTRY, ['--minutes', 'some'])).code, 2);
});

test('the command ends with 0 and a summary when nothing was found', async ({ out }) => {
  const args = ['--rounds', '1', '--seed', '5', '--only', 'stress, move × signal', '--json', '--out', out];
  const { code, output } = await runScript(ENTRY, args, { deadlineMs: LONG_MS });
  assert.is(code, 0, output);
  const summary = JSON.parse(output.split('\n').find((line) => line.startsWith('{'))!);
  assert.equal([summary.seed, summary.sum.rounds, summary.failures], [5, 1, []]);
  assert.not.ok(existsSync(out), 'an empty folder is not left behind');
});

test('the command ends with 130 and a summary on Ctrl-C', async ({ out }) => {
  let interrupted = false;
  const { code, output } = await runScript(ENTRY, ['--seed', '5', '--out', out], {
    deadlineMs: LONG_MS,
    onOutput: (said, kill) => {
      if (interrupted || !said.includes(' rounds, ')) return;
      interrupted = true;
      kill('SIGINT');
    },
  });
  assert.is(code, 130, output);
  assert.match(output, /of soak by seed 5, interrupted[\s\S]*nothing lost/);
});

test.run();
