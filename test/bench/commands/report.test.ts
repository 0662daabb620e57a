import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResultLine } from '../../../bench/schema/index.js';
import { copyConfig, someResult } from '../../support/synthetic-results.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const cli = at('../../../bench/cli.js');
const root = mkdtempSync(join(tmpdir(), 'continuum-report-command-'));
test.after(() => rmSync(root, { recursive: true, force: true }));

function run(...args: string[]) {
  const done = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', cwd: root, timeout: 30_000 });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const report = (...args: string[]) => run('report', ...args);

function write(name: string, ...lines: ResultLine[]): void {
  writeFileSync(join(root, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function refuses(expected: RegExp, ...args: string[]): void {
  const before = readdirSync(root);
  const { code, out, err } = report(...args);
  assert.is(code, 1, err);
  assert.is(out, '');
  assert.match(err, /^continuum: [^\n]+; [^\n]+\n$/);
  assert.match(err, expected);
  assert.equal(readdirSync(root), before);
}

test('a file: the report is beside it, or where it is asked for', () => {
  write('one.jsonl', someResult(), someResult(copyConfig));
  assert.equal(report('one.jsonl'), { code: 0, out: 'report: one.html\n', err: '' });
  const text = readFileSync(join(root, 'one.html'), 'utf8');
  assert.match(text, /^<!doctype html>[\s\S]*<\/html>\n$/);
  assert.match(text, /copy·remap: undecided, ratio 1\.00, because one invocation of each shows too little/);
  assert.is(report('one.jsonl', '-o', 'named.html').out, 'report: named.html\n');
  assert.is(readFileSync(join(root, 'named.html'), 'utf8'), text);
  assert.not(readdirSync(root).some((name) => !/\.(jsonl|html)$/.test(name)));
});

test('a folder: all of its results, side by side', () => {
  mkdirSync(join(root, 'folder'));
  const five = (config: object, perSecond: number) => [0, 1, 2, 3, 4].map((i) => someResult(config, { perSecond }, i));
  write('folder/a.jsonl', ...five({}, 900_000));
  write('folder/b.jsonl', ...five(copyConfig, 450_000));
  writeFileSync(join(root, 'folder/notes.txt'), 'not results');
  assert.is(report('folder').out, 'report: folder/report.html\n');
  const text = readFileSync(join(root, 'folder/report.html'), 'utf8');
  assert.match(text, 'continue·bank is 2.00 times as fast as copy·remap');
  assert.match(text, 'href="./a.jsonl"');
  assert.match(text, 'href="./b.jsonl"');
  // Named twice, a file counts once.
  assert.match(report('folder', 'folder/a.jsonl', '-o', 'twice.html').out, 'twice.html');
  assert.match(readFileSync(join(root, 'twice.html'), 'utf8'), '5 invocations');
});

test('compare writes its HTML beside what it prints', () => {
  write('a.jsonl', someResult());
  write('b.jsonl', someResult({}, { perSecond: 450_000 }));
  const done = run('compare', 'a.jsonl', 'b.jsonl', '--html', 'compared.html');
  assert.is(done.code, 0, done.err);
  assert.match(done.out, /\nreport: compared\.html\n$/);
  assert.match(readFileSync(join(root, 'compared.html'), 'utf8'), 'No verdict: too few invocations');
  const json = run('compare', 'a.jsonl', 'b.jsonl', '--html', 'again.html', '--json');
  assert.is(JSON.parse(json.out).configurations.length, 1);
  assert.ok(existsSync(join(root, 'again.html')));
  assert.match(run('compare', 'a.jsonl', 'b.jsonl', '--html', 'absent/x.html').err, /cannot write absent\/x\.html/);
});

test('what cannot be read or written is one clear line, and leaves nothing behind', () => {
  write('good.jsonl', someResult());
  write('empty.jsonl');
  writeFileSync(join(root, 'torn.jsonl'), '{"schema":');
  mkdirSync(join(root, 'nothing'));
  refuses(/cannot read absent\.jsonl/, 'absent.jsonl');
  refuses(/there is no result line in empty\.jsonl/, 'empty.jsonl');
  refuses(/torn\.jsonl, line 1: not JSON/, 'torn.jsonl');
  refuses(/there is no result line in nothing/, 'nothing');
  refuses(/cannot write absent\/x\.html/, 'good.jsonl', '-o', 'absent/x.html');
  refuses(/cannot write nothing/, 'good.jsonl', '-o', 'nothing');
});

test('a report that cannot be written at the end of a sweep is a warning', () => {
  write('swept.jsonl', someResult());
  mkdirSync(join(root, 'swept.html'));
  const script = `import { reportAtEnd } from ${JSON.stringify(at('../../../bench/commands/report.js'))};
    reportAtEnd('swept.jsonl');`;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', cwd: root });
  assert.is(done.status, 0);
  assert.is(done.stdout, '');
  assert.match(done.stderr, /^continuum: no report: cannot write swept\.html: [^\n]+\n$/);
  assert.ok(existsSync(join(root, 'swept.jsonl')));
});

test.run();
