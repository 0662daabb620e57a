import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { complaintLine } from '../../../bench/errors.js';
import { ResultsWriter, readResults, readWholeLines } from '../../../bench/results/results.js';
import { someResult } from '../../support/synthetic-results.js';

const root = mkdtempSync(join(tmpdir(), 'continuum-results-'));
const place = (name: string) => join(root, name);

function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    const line = complaintLine(error);
    assert.not.match(line, '\n');
    return line;
  }
  return 'no complaint';
}

test('lines are appended and read back', () => {
  const writer = ResultsWriter.open(place('a/b'));
  assert.not.ok(existsSync(writer.file));
  writer.append(someResult());
  assert.is(readResults(writer.file).length, 1);
  writer.append(someResult({ seed: 2 }));
  writer.close();
  assert.equal(readResults(writer.file), [someResult(), someResult({ seed: 2 })]);
  assert.is(readdirSync(place('a/b')).length, 1);
});

test('a file is gone on with, without what was not written whole', () => {
  const writer = ResultsWriter.open(place('again'));
  writer.append(someResult());
  writer.close();
  const whole = readFileSync(writer.file, 'utf8');
  const goOn = (text: string) => {
    writeFileSync(writer.file, text);
    const { writer: next, torn } = ResultsWriter.resume(writer.file);
    next.append(someResult({}, {}, 1));
    next.close();
    return { torn, invocations: readResults(writer.file).map(({ invocation }) => invocation) };
  };
  assert.equal(goOn(whole), { torn: false, invocations: [0, 1] });
  assert.equal(goOn(whole + whole.slice(0, 99)), { torn: true, invocations: [0, 1] });
  assert.equal(goOn(whole.trimEnd()), { torn: true, invocations: [1] });
  assert.equal(goOn(''), { torn: false, invocations: [1] });
  writeFileSync(writer.file, whole + whole.slice(0, 99));
  assert.is(readWholeLines(writer.file).length, 1);
  assert.match(
    complaint(() => readResults(writer.file)),
    /line 2: not JSON/,
  );
});

test('a sweep without a line leaves nothing behind', () => {
  ResultsWriter.open(place('new/deeper')).close();
  assert.not.ok(existsSync(place('new')));
});

test('a folder that holds something stays', () => {
  writeFileSync(place('note.txt'), 'mine');
  ResultsWriter.open(root).close();
  assert.is(readFileSync(place('note.txt'), 'utf8'), 'mine');
});

test('a file where the folder should be', () => {
  writeFileSync(place('file'), '');
  assert.match(
    complaint(() => ResultsWriter.open(place('file'))),
    /cannot write results to .*: it exists and is not a folder; name another folder with --out/,
  );
  assert.match(
    complaint(() => ResultsWriter.open(place('file/below'))),
    /cannot write results/,
  );
});

test('a folder that may not be written', () => {
  // Everything may be written by root, but nothing can be made in /proc.
  assert.match(
    complaint(() => ResultsWriter.open('/proc/continuum')),
    /^continuum: cannot write results to \/proc\/continuum/,
  );
});

const mountpoint = place('small');
const mounted =
  process.getuid?.() === 0 &&
  spawnSync('mkdir', [mountpoint]).status === 0 &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', mountpoint]).status === 0;
if (!mounted) console.log('skipped: a full disk needs a small tmpfs, and so root');

(mounted ? test : test.skip)('a full disk: one clear line, and the lines before it stay whole', () => {
  const writer = ResultsWriter.open(mountpoint);
  let kept = 0;
  let line = 'no complaint';
  while (line === 'no complaint') {
    line = complaint(() => writer.append(someResult({}, {}, kept)));
    if (line === 'no complaint') kept++;
  }
  writer.close();
  assert.match(
    line,
    /cannot write results to .*: the disk is full; make room, and go on with continuum bench --resume /,
  );
  assert.ok(kept > 0);
  assert.is(readResults(writer.file).length, kept);
});

test('a bad line is named by its number', () => {
  const file = place('bad.jsonl');
  const good = JSON.stringify(someResult());
  const read = (text: string) => {
    writeFileSync(file, text);
    return complaint(() => readResults(file));
  };
  assert.match(read(`${good}\n\n${good}\n{"schema"`), /bad\.jsonl, line 4: not JSON/);
  assert.match(read(`${good}\n${good.replace('continuum/1', 'continuum/0')}\n`), /line 2: schema: /);
  assert.match(read(`${good}\n${good.replace('"minor":1437', '"minor":-1')}\n`), /line 2: faults\.minor: /);
  assert.match(
    complaint(() => readResults(place('absent'))),
    /cannot read .*absent/,
  );
});

test.after(() => {
  if (mounted) spawnSync('umount', [mountpoint]);
  rmSync(root, { recursive: true, force: true });
});

test.run();
