import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** A project with the runner and nothing else, so that its tests may fail. */
const root = mkdtempSync(join(tmpdir(), 'continuum-runner-'));
const compiled = join(root, 'dist', 'test');
const runner = join(compiled, 'run.js');

mkdirSync(compiled, { recursive: true });
mkdirSync(join(root, 'test'));
cpSync(fileURLToPath(new URL('./run.js', import.meta.url)), runner);
const installed = /^.*\/node_modules(?=\/uvu\/)/.exec(createRequire(import.meta.url).resolve('uvu'))?.[0] ?? '';
symlinkSync(installed, join(root, 'node_modules'));
writeFileSync(join(root, 'package.json'), '{"type":"module"}');

test.after(() => rmSync(root, { recursive: true, force: true }));

/** Writes a test file, with or without the source it is compiled from. */
function file(name: string, body: string, source: string | null = body): void {
  writeFileSync(join(compiled, `${name}.test.js`), body);
  if (source !== null) writeFileSync(join(root, 'test', `${name}.test.ts`), source);
}

function run(...args: string[]) {
  const done = spawnSync(process.execPath, [runner, ...args], { encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr, last: done.stdout.trimEnd().split('\n').at(-1) };
}

const uvu = "import { test } from 'uvu';\n";
file('passes', `${uvu}test('a', () => {});\ntest('b', () => {});\ntest.skip('c', () => {});\ntest.run();`);
file('fails', `${uvu}test('a', () => {});\ntest('b', () => { throw new Error('wrong sum'); });\ntest.run();`);
file('forgets', `${uvu}test('a', () => {});`);
file('empty', `${uvu}test.run();`);
file('hangs', `${uvu}setInterval(() => {}, 1000);\ntest.run();`, '// deadline: 1s\n');
file('crashes', 'process.kill(process.pid, "SIGSEGV");');
file('exits', `${uvu}test('a', () => { setTimeout(() => process.exit(4)); });\ntest.run();`);
file('stale', `${uvu}test('a', () => { throw new Error('from an older build'); });\ntest.run();`, null);

test('counts are summed, and each file has a line', () => {
  const { code, out, last } = run('passes', 'fails');
  assert.is(code, 1);
  assert.match(out, /ok {3}passes\.test\.js {2}2 passed, 1 skipped/);
  assert.match(out, /FAIL fails\.test\.js {2}1 passed, 1 failed/);
  assert.match(out, 'wrong sum');
  assert.is(last, '3 passed, 1 failed, 1 skipped');
});

test('all well is 0, in either way of naming a file', () => {
  for (const name of ['passes', 'test/passes.test.ts', 'dist/test/passes.test.js']) {
    const { code, last } = run(name);
    assert.is(code, 0);
    assert.is(last, '2 passed, 0 failed, 1 skipped');
  }
});

test('a file without tests that ran is a failure, and so are a hang, a crash and an exit', () => {
  const { code, out, last } = run('forgets', 'empty', 'hangs', 'crashes', 'exits', '--jobs', '2');
  assert.is(code, 1);
  assert.match(out, /FAIL forgets.*no summary/);
  assert.match(out, /FAIL empty.*ran no test/);
  assert.match(out, /FAIL hangs.*killed at its deadline of 1 s/);
  assert.match(out, /FAIL crashes.*died of SIGSEGV/);
  assert.match(out, /FAIL exits.*/);
  assert.match(last ?? '', /^\d passed, 5 failed, 0 skipped$/);
});

test('what has no source any more is not run', () => {
  assert.is(run('stale').code, 1);
  assert.match(run('stale').err, 'no file matches stale');
  assert.match(run('--zzz').err, "unknown option '--zzz'");
});

test.run();
