/**
 * A page that somebody else has moved is there, whatever he says of it: who faulted on it touches it again, and does not
 * ask the kernel until he says so. That would keep a processor from him, for ever where ours is a real-time thread.
 */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../support/child.js';
import { injectable } from '../support/watched.js';

const it = injectable(test);
const SCRIPT = new URL('../support/real-time-program.js', import.meta.url);

async function moves(kind: string): Promise<void> {
  const { code, output } = await runScript(SCRIPT, [kind], { deadlineMs: 60_000, env: { CONTINUUM_INJECT: '1' } });
  console.log(output.trim());
  if (output.startsWith('no priority')) return;
  const figures = /touched (\d+), wrong (\d+), calls (\d+)/.exec(output)?.slice(1).map(Number);
  assert.ok(code === 0 && figures !== undefined, output);
  const [touched, wrong, calls] = figures as [number, number, number];
  assert.ok(touched >= 5, `${touched} pages were touched while they were READY`);
  assert.is(wrong, 0);
  assert.ok(calls >= 1, 'a handler found a page READY');
  assert.ok(calls <= touched, `${calls} calls for ${touched} pages`);
}

it('move × signal: a handler asks the kernel once for a page that another has moved', () => moves('fair'));

it('move × signal: so it does as a real-time thread on the only processor', async () => {
  if (spawnSync('chrt', ['--version']).status !== 0 || spawnSync('taskset', ['--version']).status !== 0) {
    console.log('skipped: there is no chrt, or no taskset');
    return;
  }
  // One that this process may run on; the watchdog has the others, or waits for what real-time threads leave.
  const [cpu] = /(\d+)\s*$/.exec(spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' }).stdout) ?? [];
  spawnSync('taskset', ['-cp', cpu ?? '0', String(process.pid)]);
  await moves('fifo');
});

test.run();
