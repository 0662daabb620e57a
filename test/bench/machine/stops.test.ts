/** A run that was stopped in between says so: in its line, beside its figures, and at the end of the sweep. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stopsIn, warningsOf } from '../../../bench/machine/warnings.js';
import { readResults } from '../../../bench/results/results.js';
import { isResult, type ResultLine } from '../../../bench/schema/index.js';
import { endings } from '../../support/fake-invocation.js';
import { someConfig, someEnvironment } from '../../support/synthetic-results.js';

const fake = fileURLToPath(new URL('../../support/fake-cli.js', import.meta.url));
const STOPPED_MS = 1500;

/** The one line of a sweep whose processes were meddled with once it measured, and what it said. */
async function sweep(meddle: (parent: ChildProcess, child: number) => Promise<void>) {
  const out = mkdtempSync(join(tmpdir(), 'continuum-stops-'));
  try {
    const args = ['bench', '--workload', 'javac', '--resolution', 'continue', '--invocations', '1', '--out', out];
    const parent = spawn(process.execPath, [fake, ...args, '--seed', `${endings.long}`], { timeout: 60_000 });
    let said = '';
    for (const stream of [parent.stdout, parent.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    const ended = new Promise((resolve) => parent.once('close', resolve));
    let child: number | undefined;
    for (let i = 0; i < 500 && child === undefined; i++) {
      await sleep(20);
      child = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number)[0];
    }
    assert.ok(child !== undefined, said);
    await meddle(parent, child);
    await ended;
    const file = readdirSync(out).find((name) => name.endsWith('.jsonl'));
    assert.ok(file !== undefined, said);
    const [line] = readResults(join(out, file)) as [ResultLine];
    return { line, said };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function stop(...pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await sleep(STOPPED_MS);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
}

for (const [who, stopped] of [
  ['the invocation', (_: ChildProcess, child: number) => stop(child)],
  ['all of it', (parent: ChildProcess, child: number) => stop(parent.pid!, child)],
] as const) {
  test(`${who} was stopped: the line, the sweep and the report say for how long`, async () => {
    const { line, said } = await sweep(async (parent, child) => {
      await sleep(400);
      await stopped(parent, child);
    });
    assert.ok(isResult(line), said);
    const { stoppedMs = 0, warnings = [] } = line.environment;
    assert.ok(stoppedMs > STOPPED_MS / 2 && stoppedMs < 20 * STOPPED_MS, `${stoppedMs} ms of ${STOPPED_MS}`);
    assert.match(warnings.join('\n'), /stood still for .* its rate and times say nothing/);
    assert.match(said, /STOOD STILL for/);
    assert.match(said, /warning: 1 of 1 invocations stood still/);
  });
}

test('who was not stopped has nothing said of it, on a busy machine either', async () => {
  const { line, said } = await sweep(async () => {
    for (const until = performance.now() + 700; performance.now() < until; );
  });
  assert.is(line.environment.stoppedMs, undefined, said);
  assert.not.match(said, /STOOD STILL|stood still/);
  assert.is(stopsIn([line]), undefined);
});

test('a stop is the gravest of warnings', () => {
  assert.match(warningsOf({ ...someEnvironment, stoppedMs: 3000 }, someConfig)[0], /stood still for 3 s/);
});

test.run();
