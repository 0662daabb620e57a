import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const here = dirname(fileURLToPath(import.meta.url));
const compiled = join(here, '..', '..');
const root = [join(compiled, '..'), compiled].find((folder) => existsSync(join(folder, 'native', 'binding.gyp')))!;
const binary = join('native', 'build', 'Release', 'continuum.node');

/** A package laid out as when installed, with or without a binary; what loading it printed. */
function loadFrom(place: (root: string) => void): { status: number | null; stderr: string; stdout: string } {
  const folder = mkdtempSync(join(tmpdir(), 'continuum-loader-'));
  const installed = join(folder, 'node_modules', 'continuum');
  try {
    mkdirSync(join(installed, 'dist', 'native'), { recursive: true });
    mkdirSync(join(installed, dirname(binary)), { recursive: true });
    writeFileSync(join(installed, 'package.json'), '{ "name": "continuum", "type": "module" }');
    writeFileSync(join(installed, 'native', 'binding.gyp'), '{}');
    for (const name of ['loader.js', 'limits.js']) {
      copyFileSync(join(compiled, 'native', name), join(installed, 'dist', 'native', name));
    }
    place(installed);
    const code = "import { addon } from 'continuum/dist/native/loader.js'; console.log(typeof addon.memfdCreate);";
    writeFileSync(join(folder, 'main.mjs'), code);
    return spawnSync(process.execPath, [join(folder, 'main.mjs')], { timeout: 60_000, encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('an installed package finds its own binary', () => {
  const { stdout, stderr } = loadFrom((installed) => copyFileSync(join(root, binary), join(installed, binary)));
  assert.is(stdout.trim(), 'function', stderr);
});

test('where it is not built, the error says how to build it', () => {
  const { status, stderr } = loadFrom(() => {});
  assert.is(status, 1);
  assert.match(stderr, /the native addon is not built .*Run `npm run build:native`/);
});

test('where it does not load, the error says why that may be', () => {
  const { status, stderr } = loadFrom((installed) => writeFileSync(join(installed, binary), 'not a library'));
  assert.is(status, 1);
  assert.match(stderr, /cannot be loaded by Node v\d+.*remove native\/build/);
  assert.match(stderr, /cause/);
});

test('a worker that loaded it first does not take it along when it ends', () => {
  const script = join(here, '..', 'support', 'native-late.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { timeout: 60_000, encoding: 'utf8' });
  assert.is(status, 0, stderr);
  assert.is(stdout, '42');
});

test.run();
