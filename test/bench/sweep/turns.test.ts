/** Whose turn it is, and invocations that are measured side by side. */
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expand } from '../../../bench/configurations/configurations.js';
import { Complaint } from '../../../bench/errors.js';
import { readOptions, type TypedOptions } from '../../../bench/options/options.js';
import { inGroups, inRounds } from '../../../bench/results/points.js';
import { type InvocationConfig, isOwnLine, type ResultLine } from '../../../bench/schema/index.js';
import { GiB } from '../../../bench/sizes.js';
import { Budget } from '../../../bench/sweep/budget.js';
import { runInvocation } from '../../../bench/sweep/child.js';
import { Progress } from '../../../bench/sweep/progress.js';
import { runSweep } from '../../../bench/sweep/sweep.js';
import { Turns } from '../../../bench/sweep/turns.js';
import { endings } from '../../support/fake-invocation.js';
import { copyConfig, someConfig, someEnvironment } from '../../support/synthetic-results.js';

const script = fileURLToPath(new URL('../../support/fake-invocation.js', import.meta.url));

/** Members that take so many turns each, one at a time, by their letters. `dies`: a member that ends in its n-th turn. */
function played(turns: readonly number[], dies?: readonly [member: number, turn: number]): string {
  const order = new Turns(turns.length);
  const taken = turns.map(() => 0);
  const ready: (() => void)[] = [];
  let said = '';
  const wait = (member: number) => {
    const awaited = taken[member] < turns[member] ? 'turn' : 'end';
    order.waiting(member, awaited, () => ready.push(() => take(member, awaited)));
  };
  const take = (member: number, awaited: 'turn' | 'end') => {
    said += 'ABC'[member];
    if (awaited === 'end') return order.ended(member);
    taken[member]++;
    if (dies?.[0] === member && dies[1] === taken[member]) order.ended(member);
    else wait(member);
  };
  for (const member of turns.keys()) {
    assert.is(ready.length, 0, 'nobody begins while another sets up');
    wait(member);
  }
  for (let next = ready.shift(); next; next = ready.shift()) {
    if (said.length < turns.reduce((sum, count) => sum + count, 0)) assert.is(ready.length, 0, 'one at a time');
    next();
  }
  return said;
}

test('turns go there and back, and all end together', () => {
  assert.is(played([4, 4]), 'ABBAABBA' + 'AB');
  assert.is(played([2, 2, 2]), 'ABCCBA' + 'ABC');
  assert.is(played([3]), 'AAA' + 'A');
});

test('one with fewer turns waits for the others; one that has ended is waited for no longer', () => {
  assert.is(played([1, 3]), 'ABBB' + 'AB');
  assert.is(played([4, 4], [0, 2]), 'ABBABB' + 'B');
  assert.is(played([2, 2], [1, 1]), 'ABA' + 'A');
  const order = new Turns(2);
  let went = 0;
  order.waiting(0, 'turn', () => went++);
  assert.is(went, 0);
  order.ended(1); // in its set-up
  assert.is(went, 1);
});

const beside: InvocationConfig = { ...someConfig, turns: 0.5 };

test('what stands side by side: the ways of one work in one round', () => {
  const configs = [beside, { ...beside, ...copyConfig }, { ...beside, workload: 'churn' as const }, someConfig];
  const groups = inGroups(inRounds(configs, 3, 1));
  assert.is(groups.length, 9);
  for (const points of groups) {
    const [{ config, invocation }] = points;
    const together = points.map((point) => (isOwn(point.config) ? point.config.resolution : ''));
    const pairs = isOwn(config) && config.turns !== undefined && config.workload === 'javac';
    assert.equal(together.sort(), pairs ? ['continue', 'copy'] : ['continue']);
    assert.ok(points.every((point) => point.invocation === invocation));
  }
});

function isOwn(config: object): config is InvocationConfig {
  return 'resolution' in config;
}

async function sideBySide(names: readonly (keyof typeof endings)[], deadlineMs = 20_000) {
  const ways = [{}, copyConfig, { flip: 'remap' as const }];
  const configs = names.map((name, i) => ({ ...beside, ...ways[i], seed: endings[name] }));
  const written: ResultLine[] = [];
  let screen = '';
  await runSweep({
    points: configs.map((config) => ({ config, invocation: 0 })),
    script,
    writer: { append: (line) => void written.push(line) },
    progress: new Progress({ write: (text) => (screen += text) }),
    environment: () => someEnvironment,
    deadline: () => deadlineMs,
  });
  return { codes: written.filter(isOwnLine).map(({ error }) => error?.code ?? 'ok'), screen };
}

test('processes take turns, each has its line', async () => {
  const { codes, screen } = await sideBySide(['inTurns', 'inTurns', 'inTurns']);
  assert.equal(codes, ['ok', 'ok', 'ok']);
  assert.is(screen.match(/^\[\d\/3\] javac .* digest ok$/gm)?.length, 3);
});

test('while it waits no deadline runs, and one that hangs keeps the others no longer than its own', async () => {
  const began = performance.now();
  await runInvocation({ ...beside, seed: endings.ok }, { script, deadlineMs: 60_000 });
  // On a busy machine a process takes seconds to start, which its deadline has to allow for.
  const deadlineMs = 500 + 3 * (performance.now() - began);
  const waited = await runInvocation(
    { ...beside, seed: endings.inTurns },
    { script, deadlineMs, onWaiting: (awaited, go) => setTimeout(go, awaited === 'end' ? 1.2 * deadlineMs : 0) },
  );
  assert.equal([waited.kind, 'error' in waited && waited.error], ['measured', false]);
  const { codes } = await sideBySide(['inTurns', 'hang'], deadlineMs);
  assert.equal(codes, ['ok', 'DEADLINE']);
});

test('one that dies in its turn is a line, and the other goes on', async () => {
  const { codes } = await sideBySide(['diesInTurn', 'inTurns']);
  assert.equal(codes, ['CHILD_DIED', 'ok']);
});

test('nothing begins that is not over in time, if it takes as long as the longest so far', () => {
  let now = 5;
  const budget = new Budget(100, () => now);
  const after = (ms: number) => {
    now += ms;
    return budget.hasTime();
  };
  assert.equal([after(0), after(20), after(30)], [true, true, true]); // 50 are gone, and 83 will be, with a margin
  assert.ok(after(15)); // 65, and 98
  assert.not(after(5)); // 70, and 103
  assert.ok(new Budget(0, () => now++).hasTime(), 'the first is run in any case');
});

test('a sweep that is out of time says how much it has left, and has written the rest', async () => {
  const written: ResultLine[] = [];
  const config = { ...someConfig, seed: endings.ok };
  const outcome = await runSweep({
    points: [0, 1, 2].flatMap((invocation) =>
      [{}, copyConfig].map((way) => ({ config: { ...config, ...way }, invocation })),
    ),
    script,
    writer: { append: (line) => void written.push(line) },
    progress: new Progress({ write: () => {} }),
    environment: () => someEnvironment,
    budgetMs: 1,
  });
  assert.is(outcome.leftOut, 5);
  assert.is(outcome.interrupted, false);
  assert.equal(
    written.map(({ invocation }) => invocation),
    [0],
  );
});

test('what cannot be had in turns is refused in a line', () => {
  const complaint = (typed: TypedOptions): string => {
    try {
      expand(readOptions({ turns: ['500ms'], ...typed }), 8 * GiB);
    } catch (error) {
      assert.instance(error, Complaint);
      return (error as Complaint).message;
    }
    return 'no complaint';
  };
  assert.match(complaint({ rate: ['1000'] }), '--turns and --rate cannot be had together');
  assert.match(complaint({ operations: ['1000'] }), '--turns and --operations');
  assert.match(complaint({ trace: true }), '--turns and --trace');
  assert.match(complaint({ workload: ['churn,fullgc'] }), 'fullgc cannot be measured in turns');
  assert.is(complaint({}), 'no complaint');
});

test.run();
