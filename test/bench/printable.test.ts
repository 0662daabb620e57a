import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Complaint, complaintLine } from '../../bench/errors.js';
import { printable } from '../../bench/printable.js';
import { Progress } from '../../bench/sweep/progress.js';

test('what a terminal would obey is written as an escape', () => {
  const cases: [string, string][] = [
    ['evil\n\u001b[31mred', 'evil\\n\\x1b[31mred'],
    ['\u009b2J \u0007\u007f\0\r\t', '\\x9b2J \\x07\\x7f\\x00\\r\\t'],
    ['a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['\ufeffFoo\u2028\u200b', '\\ufeffFoo\\u2028\\u200b'],
    ['\ud83d', '\\ud83d'],
  ];
  for (const [text, shown] of cases) assert.is(printable(text), shown);
});

test('all else stays as it is', () => {
  for (const text of ['java.lang.String[]', 'Größe → 大きさ 😀', '', 'a\\nb']) assert.is(printable(text), text);
});

test('errors and progress name files so', () => {
  const name = 'x\u001b]0;owned\u0007.hprof';
  const line = complaintLine(new Complaint('X', `${name}: no`, 'y\u009b'));
  assert.is(line, 'continuum: x\\x1b]0;owned\\x07.hprof: no; y\\x9b');
  let shown = '';
  const progress = new Progress({ isTTY: true, columns: 200, write: (text) => (shown += text) });
  progress.begin(0, 1, name);
  progress.end('done');
  assert.match(shown, /x\\x1b\]0;owned\\x07\.hprof/);
});

test.run();
