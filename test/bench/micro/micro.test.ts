import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type MicroResult, runSuite, type Suite } from '../../../bench/micro/harness.js';

test('what is used up is renewed before it runs out', () => {
  let left = 0;
  let most = 0;
  const renew = () => {
    left = 8;
  };
  const run = () => {
    most = Math.max(most, 8 - --left);
    if (left < 0) throw new Error('used up');
  };
  let closed = 0;
  const suite: Suite = {
    name: 'supplied',
    open: () => ({
      benchmarks: [{ name: 'take', pages: 4, run, supply: { renew, operations: 8 } }],
      close: () => {
        closed++;
      },
    }),
  };
  const results: MicroResult[] = [];
  assert.is(
    runSuite(suite, 0.05, (result) => results.push(result)),
    undefined,
  );
  assert.is(most, 8);
  assert.is(closed, 1);
  const [{ nsPerOperation, nsPerPage, samples }] = results;
  assert.ok(nsPerOperation > 0 && samples >= 5);
  assert.is(nsPerPage, nsPerOperation / 4);
});

test('a failing operation ends its suite, which is closed all the same', () => {
  let closed = 0;
  const fail = () => {
    throw new Error('no such page');
  };
  const close = () => {
    closed++;
  };
  const suite: Suite = { name: 'failing', open: () => ({ benchmarks: [{ name: 'fail', run: fail }], close }) };
  assert.throws(() => runSuite(suite, 0.05, () => {}), 'no such page');
  assert.is(closed, 1);
});

test('a suite that cannot be set up is left out', () => {
  const open = () => {
    throw new Error('no userfaultfd');
  };
  const skipped = runSuite({ name: 'impossible', open }, 0.05, () => {});
  assert.is(skipped?.suite, 'impossible');
});

test('the command measures, filters and refuses', () => {
  const script = fileURLToPath(new URL('../../../bench/micro/index.js', import.meta.url));
  const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  const lines = run('--seconds', '20ms', '--json', 'addon').stdout.trimEnd().split('\n');
  for (const line of lines) assert.is((JSON.parse(line) as MicroResult).suite, 'addon');
  assert.match(run('--zzz').stderr, "continuum: unknown option '--zzz'; see");
  assert.match(run('nonesuch').stderr, 'no suite matches nonesuch; there are addon');
});

test.run();
