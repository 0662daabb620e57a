/** The system's limits, as a user meets them: one line that names the limit and what to change, and nothing left behind. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limitBehind } from '../../../native/limits.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const fake = at('../../support/fake-cli.js');
const real = at('../../../bench/cli.js');
const limits = at('../../../native/limits.js');
const root = mkdtempSync(join(tmpdir(), 'continuum-limits-'));
const bench = 'bench --workload churn --scale 1/128 --resolution continue --invocations 1 --out results';

/** `command` in a shell in which `$N` is Node, `$C` the command line, and `$F` the same without a kernel. */
function shell(command: string): SpawnSyncReturns<string> {
  const env = { ...process.env, N: process.execPath, C: real, F: fake, L: limits, CONTINUUM_DEBUG: '' };
  return spawnSync('/bin/sh', ['-c', command], { cwd: root, encoding: 'utf8', env, timeout: 60_000 });
}

const left = () =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => /lock|tmp|probe/.test(path));

const told: readonly (readonly [string, string, RegExp])[] = [
  ['--no-addons', '"$N" --no-addons "$C" probe', /started with --no-addons.*leave that out/],
  ['a permission model', '"$N" $P --allow-fs-read=* "$C" probe', /permission model forbids it: add --allow-addons/],
  ['files of some KiB', `ulimit -f 16; "$N" "$C" ${bench}`, /\d+ KiB \(ulimit -f\).*ulimit -f unlimited/],
  ['files of none', `ulimit -f 0; "$N" "$C" ${bench}`, /0 KiB \(ulimit -f\).*ulimit -f unlimited/],
  ['20 open files', `ulimit -n 20; "$N" "$C" ${bench}`, /as many files open as it may have \(ulimit -n\): raise it/],
  ['a full standard output', '"$N" "$C" probe >/dev/full', /cannot write to standard output: the disk is full/],
  ['a full standard output of a sweep', '"$N" "$F" bench --workload javac --json >/dev/full', /the disk is full/],
];

for (const [name, command, expected] of told) {
  test(`${name}: one line says which limit, and what to change`, () => {
    const permission = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    const { status, stderr } = shell(command.replace('$P', `--no-warnings ${permission}`));
    assert.is(status, 1, stderr);
    const lines = stderr.split('\n').filter((line) => line.startsWith('continuum: '));
    assert.is(lines.length, 1, stderr);
    assert.match(lines[0], expected);
    assert.not.match(stderr, /^ +at /m, 'a stack trace');
    assert.equal(left(), []);
  });
}

for (const streams of ['', '2>&1']) {
  test(`nobody reads it any more${streams && ', nor what it complains of'}: it ends quietly, and leaves no claim`, () => {
    // What reads goes after a line; seed 13 takes its time, so that something is under way then.
    const { stderr } = shell(
      `"$N" "$F" bench --workload javac --json --seed 13 --invocations 3 ${streams} | head -c 1`,
    );
    assert.not.match(stderr, /Error|EPIPE|^ +at /m);
    assert.equal(left(), []);
  });
}

const behind = (said: string, before = '') =>
  `"$N" --input-type=module -e 'import { limitBehind } from "'"$L"'"; ${before} console.log(limitBehind("${said}"))'`;

test('a process that dies without a word is explained by the limit that there is', () => {
  // V8 wants some addresses itself to start at all.
  assert.match(
    shell(`ulimit -v 20000000; ${behind('CHILD_DIED SIGTRAP')}`).stdout,
    /20000000 KiB of addresses \(ulimit -v\)/,
  );
});

test('an addon that cannot be loaded where there is no glibc says so', () => {
  const report = 'process.report.getReport = () => ({ header: {} });';
  assert.match(shell(behind('ERR_DLOPEN_FAILED', report)).stdout, /needs glibc/);
  assert.is(shell(behind('ERR_DLOPEN_FAILED')).stdout, 'undefined\n');
  assert.match(shell('"$N" "$C" probe').stdout, /glibc \d+\.\d+/);
});

test('what no limit explains is left as it is', () => {
  assert.is(limitBehind('CHILD_FAILED the process exited with code 3'), undefined);
  assert.is(limitBehind('UFFDIO_COPY answered EAGAIN'), undefined);
  assert.is(shell(behind('CHILD_DIED SIGSEGV')).stdout, 'undefined\n');
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
