import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const patches = join(root, 'test', 'mutants');

/** The text that each hunk of a patch stands in, and what it makes of it. */
function hunks(patch: string): { readonly before: string; readonly after: string }[] {
  return patch
    .split(/^@@ .*\n/m)
    .slice(1)
    .map((hunk) => {
      const lines = hunk.replace(/\n$/, '').split('\n');
      const side = (gone: string) => lines.filter((line) => !line.startsWith(gone)).map((line) => line.slice(1));
      return { before: side('+').join('\n'), after: side('-').join('\n') };
    });
}

test('every mutant still breaks what it was made to break', () => {
  const files = readdirSync(patches).filter((file) => file.endsWith('.patch'));
  const tested = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.test.ts'),
  );
  assert.ok(files.length > 0);
  for (const file of files) {
    const patch = readFileSync(join(patches, file), 'utf8');
    const [, tests = '', header = ''] = patch.split('\n');
    const source = readFileSync(join(root, header.slice('--- '.length)), 'utf8');
    const parts = hunks(patch);
    assert.ok(parts.length > 0, `${file} has no hunk`);
    for (const { before, after } of parts) {
      assert.ok(source.includes(before), `${file} no longer applies to ${header.slice('--- '.length)}`);
      assert.is.not(before, after, `${file} changes nothing`);
    }
    for (const name of tests.slice('# seen by: '.length).split(' ')) {
      assert.ok(
        tested.some((path) => path.includes(name)),
        `${file}: there is no test ${name}`,
      );
    }
  }
});

test.run();
