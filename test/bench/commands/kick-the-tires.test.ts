// deadline: 900s
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../../bench/package.js';
import { readResults } from '../../../bench/results/results.js';
import { isResult } from '../../../bench/schema/index.js';
import { endings } from '../../support/fake-invocation.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const fake = at('../../support/fake-tires.js');
const real = at('../../../bench/cli.js');
const root = mkdtempSync(join(tmpdir(), 'continuum-tires-'));
test.after(() => rmSync(root, { recursive: true, force: true }));

function run(args: readonly string[], unable = 'stw') {
  const done = spawnSync(process.execPath, args, {
    ...{ encoding: 'utf8', cwd: root, timeout: 600_000, killSignal: 'SIGKILL' },
    env: { ...process.env, CONTINUUM_UNABLE: unable },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** What each step ended with, in order. */
const verdicts = (out: string) => out.match(/^ {5}(PASS|FAIL)$/gm)?.map((line) => line.trim());
/** The lines of the pairs. */
const pairs = (out: string, verdict: 'PASS' | 'FAIL') => out.match(new RegExp(`^ {5}${verdict} {2}.*`, 'gm')) ?? [];

test('every step says what it does, what to expect, and that it passed', () => {
  const { code, out, err } = run([fake, '--out', 'good']);
  assert.is(code, 0, out + err);
  assert.equal(verdicts(out), ['PASS', 'PASS', 'PASS']);
  assert.is(out.match(/^ {5}It /gm)?.length, 3);
  assert.is(out.match(/^ {5}Expected: /gm)?.length, 3);
  assert.match(out, 'can run here: continue, copy, move, protect\n');
  assert.match(out, 'left out: stw: stw cannot run here; use another kernel');
  assert.is(pairs(out, 'PASS').length, 10);
  assert.match(out, /PASS {2}continue·signal·remap +5 collections, 1,440 faults, 900,000 objects compared/);
  assert.match(out, /\nkick the tires: all steps PASS, [^\n]+\n$/);
  const [file] = readdirSync(join(root, 'good')).filter((name) => name.endsWith('.jsonl'));
  assert.is(readResults(join(root, 'good', file)).length, 10);
  assert.match(out, `good/${file}`);
});

test('a pair that fails is a failure of its step, and named; the rest goes on', () => {
  // The fake invocation faults, which nobody does under stw.
  const { code, out } = run([fake, '--out', 'bad'], '');
  assert.is(code, 1);
  assert.equal(verdicts(out), ['PASS', 'FAIL', 'PASS']);
  assert.is(pairs(out, 'PASS').length, 10);
  const failed = pairs(out, 'FAIL');
  assert.is(failed.length, 1);
  assert.match(failed[0] ?? '', /stw +FAULTED: mutators faulted 1440 times/);
  assert.match(out, '1 of 11 failed: stw');
  assert.match(out, /\nkick the tires: FAIL: verified collections; [^\n]+\n$/);
});

test('a wrong digest fails, every one', () => {
  const { code, out } = run([fake, '--out', 'wrong', '--seed', String(endings.wrongDigest)], 'move,protect,stw');
  assert.is(code, 1);
  assert.is(verdicts(out)?.[1], 'FAIL');
  assert.is(pairs(out, 'FAIL').length, 6);
  assert.ok(pairs(out, 'FAIL').every((line) => line.includes('DIGEST: ')));
});

test('without userfaultfd nothing is run', () => {
  const { code, out } = run([fake, '--out', 'none'], 'continue,copy,move');
  assert.is(code, 1);
  assert.equal(verdicts(out), ['FAIL']);
  assert.match(out, 'no resolution that needs userfaultfd can run here; see continuum probe');
  assert.match(out, 'can run here: protect, stw');
  assert.not.ok(existsSync(join(root, 'none')));
});

test('a folder that cannot be written is one line', () => {
  const { code, out, err } = run([fake, '--out', '/proc/none']);
  assert.is(code, 1);
  assert.is(out, '');
  assert.match(err, /^continuum: cannot write results to \/proc\/none: [^\n]+; name another folder with --out\n$/);
});

test('Ctrl-C ends it, and the process it started', async () => {
  const child = spawn(process.execPath, [fake, '--out', 'interrupted', '--seed', String(endings.hang)], {
    ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CONTINUUM_UNABLE: 'stw' } },
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdout.resume();
  const children = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  let hanging = '';
  while (child.exitCode === null && hanging === '') {
    hanging = children();
    await sleep(20);
  }
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  assert.is(code, 130);
  assert.match(err, /^continuum: interrupted; nothing [^\n]+\n$/);
  assert.match(hanging, /^\d+$/);
  for (let tries = 0; existsSync(`/proc/${hanging}`) && tries < 100; tries++) await sleep(20);
  assert.not.ok(existsSync(`/proc/${hanging}`), 'the invocation is still there');
  assert.not.ok(existsSync(join(root, 'interrupted')));
});

test('the script of the package is the command', () => {
  const { scripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  assert.is(scripts['kick-the-tires'], 'node dist/bench/cli.js kick-the-tires');
  assert.ok(scripts['prekick-the-tires'], 'it is built first');
});

test('on this kernel all that can run passes', () => {
  const { code, out, err } = run([real, 'kick-the-tires', '--out', 'real']);
  assert.is(code, 0, out + err);
  assert.equal(verdicts(out), ['PASS', 'PASS', 'PASS']);
  const [file] = readdirSync(join(root, 'real')).filter((name) => name.endsWith('.jsonl'));
  const lines = readResults(join(root, 'real', file));
  assert.is(lines.length, pairs(out, 'PASS').length);
  for (const line of lines) assert.ok(isResult(line) && line.digest.ok && line.collections.length > 0);
});

test.run();
