import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stepIn } from '../../gc/sabotage.js';
import { readArguments } from './arguments.js';
import { Injector } from './injections.js';
import { addTo, kindOf, nothing } from './outcome.js';
import { Watchdog } from './watchdog.js';

const ms = (time: number) => new Promise((soon) => setTimeout(soon, time));

test('the command line is read, and what cannot be is refused', () => {
  const read = readArguments(['--minutes', '0.5', '--seed=9', '--json']);
  assert.equal([read.minutes, read.seed, read.json, read.watchdogSeconds], [0.5, 9, true, 60]);
  assert.is(readArguments([], 5).seed, 5);
  assert.equal(readArguments(['--only', 'continue, poison']).only, ['continue', 'poison']);
  for (const wrong of [
    ['--minutes', '0'],
    ['--minutes', 'x'],
    ['--seed', '1.5'],
    ['--rounds', '-1'],
    ['--what'],
    ['x'],
  ]) {
    assert.throws(() => readArguments(wrong), undefined, wrong.join(' '));
  }
});

test('a watchdog keeps still while there is progress', async () => {
  const said: string[] = [];
  const watchdog = new Watchdog(2000, 60_000, (why) => said.push(why));
  for (let i = 0; i < 10; i++) {
    watchdog.see(String(i));
    await ms(10);
  }
  watchdog.stop();
  assert.equal(said, []);
});

test('a watchdog sees that the same mark is no progress, and says so once', async () => {
  const said: string[] = [];
  const watchdog = new Watchdog(100, 60_000, (why) => said.push(why));
  for (let i = 0; i < 30; i++) {
    watchdog.see('cycle 3');
    await ms(20);
  }
  assert.is(said.length, 1);
  assert.match(said[0]!, /^no progress for 0.1 s; the last that was seen: cycle 3/);
});

test('a watchdog sees progress that has no end', async () => {
  const said: string[] = [];
  const watchdog = new Watchdog(50_000, 200, (why) => said.push(why));
  (watchdog as unknown as { look(): void }).look();
  assert.equal(said, []);
  await ms(250);
  watchdog.see('on and on');
  (watchdog as unknown as { look(): void }).look();
  assert.match(said[0]!, /^no end after 0.2 s/);
});

test('losses and delays are counted over cycles, and no more than may be are lost in one', () => {
  const injector = new Injector({
    lose: { phases: ['mark'], chance: 1, how: 'throw' },
    most: 2,
    delay: { phases: ['mark'], chance: 1, ms: 0 },
  });
  const step = stepIn('mark', injector.sabotage)!;
  const lost = () => {
    try {
      step();
      return 0;
    } catch {
      return 1;
    }
  };
  assert.equal([lost(), lost(), lost(), lost()], [1, 1, 0, 0]);
  injector.replenish();
  assert.equal([lost(), injector.losses, injector.delays], [1, 3, 5]);
  assert.equal([new Injector({}).losses, new Injector({}).refused, new Injector({}).sabotage], [0, 0, {}]);
});

test('outcomes add up', () => {
  const sum = nothing();
  const more = { ...nothing(), rounds: 1, cycles: 4, incidents: { a: 2 }, faults: { minor: 1, missing: 2, signal: 3 } };
  addTo(sum, more);
  addTo(sum, more);
  assert.equal(
    [sum.rounds, sum.cycles, sum.incidents, sum.faults],
    [2, 8, { a: 4 }, { minor: 2, missing: 4, signal: 6 }],
  );
  assert.equal(nothing().incidents, {});
  assert.is(
    kindOf('fault server 3 was lost (lost (serve) on 7), another is there'),
    'fault server N was lost, another is there',
  );
});

test.run();
