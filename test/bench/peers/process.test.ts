/** A peer's process comes to an end whatever it does, and what it did is told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ProcessOutcome, runProcess, type Watch } from '../../../bench/peers/process.js';

const folder = mkdtempSync(join(tmpdir(), 'continuum-peer-test-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const report = {
  operations: { count: 10, perSecond: 5 },
  batchUs: { count: 1, p50: 1, p99: 1, p999: 1, max: 1 },
  periodNs: [0, 1],
  cpuMs: 3,
  checked: 4,
  checksum: -5,
  liveBytes: 6,
};
const result = JSON.stringify({ type: 'result', ...report });

/** Runs a script of Node's as if it were a peer. */
function run(script: string, watch: Partial<Watch> = {}): Promise<ProcessOutcome> {
  const command = { file: process.execPath, arguments: ['-e', script], folder };
  return runProcess(command, { deadlineMs: 20_000, ...watch });
}

async function errorOf(script: string, watch: Partial<Watch> = {}) {
  const outcome = await run(script, watch);
  if (outcome.kind !== 'failed') throw new Error(JSON.stringify(outcome));
  return outcome.error;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a result, with the memory held while it measured', async () => {
  const script = `
    const say = (phase) => console.log(JSON.stringify({ type: 'progress', phase, fraction: 0.5 }));
    console.log('a warning of the runtime');
    say('setup');
    say('measure');
    setTimeout(() => { say('check'); console.log('${result}'); process.exit(0); }, 200);`;
  const phases: string[] = [];
  const outcome = await run(script, { onProgress: ({ phase }) => phases.push(phase) });
  if (outcome.kind !== 'measured') throw new Error(JSON.stringify(outcome));
  assert.equal(outcome.report, report);
  assert.equal(phases, ['setup', 'measure', 'check']);
  assert.ok(outcome.peakPssBytes > 5e6 && outcome.peakPssBytes < 1e9, String(outcome.peakPssBytes));
});

test('out of memory, as HotSpot and V8 say it, is a result with a name of its own', async () => {
  const said = 'Terminating due to java.lang.OutOfMemoryError: Java heap space';
  const java = await errorOf(`console.log('${said}'); process.exit(3)`);
  assert.is(java.code, 'OUT_OF_MEMORY');
  assert.is(java.message, said);
  const v8 = await errorOf(
    `console.error('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory');
     console.error('----- Native stack trace -----'); process.abort()`,
  );
  assert.is(v8.code, 'OUT_OF_MEMORY');
  assert.is(
    (await errorOf(`console.log('{"type":"error","message":"java.lang.OutOfMemoryError"}'); process.exit(1)`)).code,
    'OUT_OF_MEMORY',
  );
});

test('last words in the middle of another line are understood', async () => {
  const torn = `process.stdout.write('{"type":"progress","pha'); console.log('Terminating due to java.lang.OutOfMemoryError')`;
  assert.is((await errorOf(`${torn}; process.exit(3)`)).code, 'OUT_OF_MEMORY');
});

test('crashes, refusals and silence are told apart', async () => {
  const refused = await errorOf(`console.error('Error: Could not create the Java Virtual Machine.'); process.exit(1)`);
  assert.is(refused.code, 'CHILD_FAILED');
  assert.match(refused.message, 'code 1 in phase start: Error: Could not create the Java Virtual Machine.');
  assert.is((await errorOf(`process.kill(process.pid, 'SIGSEGV')`)).code, 'CHILD_DIED');
  assert.is((await errorOf(`process.kill(process.pid, 'SIGKILL')`)).code, 'KILLED');
  assert.is((await errorOf(`process.exit(0)`)).code, 'NO_RESULT');
  assert.is((await errorOf(`console.log('{"type":"result"}'); setInterval(() => {}, 1000)`)).code, 'BAD_MESSAGE');
  assert.is(
    (await errorOf(`console.log('{"type":"error","message":"an exception"}'); process.exit(1)`)).code,
    'PEER_FAILED',
  );
  const missing = await runProcess({ file: join(folder, 'nothing'), arguments: [], folder }, { deadlineMs: 5000 });
  assert.is(missing.kind === 'failed' && missing.error.code, 'CHILD_NOT_STARTED');
});

test('the watchdog kills what hangs', async () => {
  const began = performance.now();
  const error = await errorOf(`process.on('SIGTERM', () => {}); for (;;);`, { deadlineMs: 500 });
  assert.is(error.code, 'DEADLINE');
  assert.match(error.message, 'after 500 ms, in phase start');
  assert.ok(performance.now() - began < 15_000);
});

test('an interruption kills it; one that came before starts nothing', async () => {
  const controller = new AbortController();
  let pid = 0;
  const script = `console.log(JSON.stringify({ type: 'progress', phase: String(process.pid), fraction: 0 }));
    setInterval(() => {}, 1000)`;
  const running = run(script, {
    signal: controller.signal,
    onProgress: ({ phase }) => {
      pid = Number(phase);
      controller.abort();
    },
  });
  assert.equal(await running, { kind: 'aborted' });
  assert.ok(pid > 0);
  assert.not.ok(isAlive(pid));
  assert.equal(await run(script, { signal: controller.signal }), { kind: 'aborted' });
});

test('options that a user has set for other programs do not reach it', async () => {
  process.env.NODE_OPTIONS = '--no-such-option';
  process.env.JAVA_TOOL_OPTIONS = '-Xmx1m';
  try {
    const outcome = await run(`if (!process.env.JAVA_TOOL_OPTIONS) console.log('${result}')`);
    assert.is(outcome.kind, 'measured', JSON.stringify(outcome));
  } finally {
    delete process.env.NODE_OPTIONS;
    delete process.env.JAVA_TOOL_OPTIONS;
  }
});

test('what V8 runs ends when its standard input does, in the middle of its work', async () => {
  const { spawn } = await import('node:child_process');
  const main = new URL('../../../bench/peers/v8/main.js', import.meta.url).pathname;
  const work = ['workload=churn', 'scale=0.001', 'seed=1', 'warmUpSeconds=0', 'seconds=600'];
  const child = spawn(process.execPath, [main, ...work], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdin.end();
  const code = await Promise.race([ended, sleep(10_000, 'still there', { ref: false })]);
  child.kill('SIGKILL');
  assert.is(code, 1);
});

test.run();
