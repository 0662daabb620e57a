/** The table of the kernel's own tests in native/README.md: whole, and about tests that there are. */
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = new URL('../../../../', import.meta.url);
const readme = readFileSync(new URL('native/README.md', ROOT), 'utf8');

/** Name, five kinds of memory, files. */
function rows(): string[][] {
  const section = readme.split("## The kernel's own tests")[1]!.split('\n## ')[0]!;
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('it has the 65 cells, and says how many are covered', () => {
  const cells = rows().flatMap((row) => row.slice(1, 6));
  const covered = cells.filter((cell) => cell === '✓').length;
  const not = cells.filter((cell) => cell === '–').length;
  assert.is(covered + not, 65);
  assert.match(readme, `${covered} of 65 are covered`);
});

test('whatever is covered names a test that there is', () => {
  for (const [name, ...cells] of rows()) {
    const files = [...cells.pop()!.matchAll(/`([\w.-]+)`/g)].map(([, file]) => file!);
    if (cells.includes('✓')) assert.ok(files.length > 0, `${name} names no file`);
    for (const file of files) {
      assert.ok(existsSync(new URL(`test/native/contract/${file}`, ROOT)), `${name}: there is no ${file}`);
    }
  }
});

test.run();
