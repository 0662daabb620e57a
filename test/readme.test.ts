/** The READMEs point to what there is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const FOLDERS = ['native', 'heap', 'gc', 'bench', 'test'];

function readmes(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules') && !file.startsWith('build/'))
    .map((file) => join(folder, file));
}

/** As the pages that show them make them of headings. */
function anchors(text: string): string[] {
  const headings = text.match(/^#+ .*$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

for (const file of ['README.md', ...FOLDERS.flatMap(readmes)]) {
  test(`${file}: every link leads somewhere`, () => {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link!)) continue;
      const [path, anchor] = link!.split('#');
      const target = path === '' ? file : join(dirname(file), path!);
      assert.ok(existsSync(join(root, target)), `${link}: there is no ${target}`);
      if (anchor === undefined) continue;
      assert.ok(anchors(readFileSync(join(root, target), 'utf8')).includes(anchor), `${link}: no such heading`);
    }
  });
}

test.run();
