/** What npm would pack: enough to be installed and imported elsewhere, and nothing that is a test's or one machine's. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly types: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const packed = filesPacked();

function filesPacked(): ReadonlySet<string> {
  const options = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout, stderr, status } = spawnSync('npm', options, { cwd: root, encoding: 'utf8', timeout: 60_000 });
  assert.is(status, 0, stderr);
  const [{ files }] = JSON.parse(stdout) as [{ files: readonly { readonly path: string }[] }];
  return new Set(files.map(({ path }) => path));
}

test('the compiled code and its types, the sources of the addon, and what the benchmarks read', () => {
  const wanted = [
    ...['README.md', 'package.json', 'dist/index.js', 'dist/bench/cli.js', 'dist/gc/workers/worker.js'],
    ...['dist/index.d.ts', 'dist/heap/index.d.ts', 'dist/gc/index.d.ts', 'dist/native/index.d.ts', manifest.types],
    ...['native/install.mjs', 'native/build.mjs', 'native/binding.gyp', 'native/src/addon.cc', 'native/limits/main.cc'],
    ...['bench/graph/javac.heapgraph', 'bench/peers/java/Churn.java'],
    ...Object.values(manifest.exports).map((path) => normalize(path)),
    ...Object.values(manifest.bin),
  ];
  for (const path of wanted) assert.ok(packed.has(path), `${path} is not packed`);
});

test('no tests, nothing that was built for one machine, no sources that are compiled already', () => {
  const strays = [...packed].filter((path) => /(^|\/)test\/|\.test\.|^native\/build\/|\.node$|^results\//.test(path));
  assert.equal(strays, []);
  assert.equal(
    [...packed].filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts')),
    [],
  );
});

test('every import of what is packed is packed, a dependency, or Node’s', () => {
  const known = new Set([...Object.keys(manifest.dependencies), ...builtinModules]);
  for (const path of packed) {
    if (!/^dist\/.*\.(js|d\.ts)$/.test(path)) continue;
    const text = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, specifier = ''] of text.matchAll(
      /(?:^(?:import|export)\b[^'"`;]*\bfrom|^import|\bimport\() ?['"]([^'"]+)['"]/gm,
    )) {
      if (specifier.startsWith('.')) {
        const file = join(dirname(path), specifier);
        assert.ok(packed.has(file), `${path} imports ${file}, which is not packed`);
      } else {
        const name = specifier.startsWith('@') ? specifier.split('/', 2).join('/') : specifier.split('/', 1)[0]!;
        assert.ok(specifier.startsWith('node:') || known.has(name), `${path} imports ${specifier}`);
      }
    }
  }
});

test('what npm runs in an installed package is there, and every entry can be imported', async () => {
  for (const script of ['install', 'prepare'] as const) {
    const file = manifest.scripts[script]!.replace(/^node /, '');
    assert.ok(existsSync(join(root, file)) && packed.has(file), `${script}: ${file}`);
  }
  for (const [entry, path] of Object.entries(manifest.exports)) {
    if (!path.endsWith('.js')) continue;
    const names = Object.keys((await import(join(root, path))) as object);
    assert.ok(names.length > 0, entry);
  }
  const all = (await import(join(root, manifest.exports['.']!))) as object;
  for (const name of ['createHeap', 'Collector', 'Mutator', 'defaultShape']) assert.ok(name in all, name);
});

test('a clone without what it is built by says so in one line', () => {
  // As NODE_ENV=production leaves it: the script alone, with no node_modules above it.
  const folder = '/proc/self'; // nothing can be resolved from there
  const script = readFileSync(join(root, 'native/prepare.mjs'), 'utf8').replaceAll(
    'import.meta.url',
    `'file://${folder}/'`,
  );
  const ended = spawnSync(process.execPath, ['--input-type=module', '-'], { input: script, encoding: 'utf8' });
  assert.is(ended.status, 1);
  assert.match(ended.stderr, /^continuum: a clone is built by typescript and node-gyp, .*npm ci --include=dev.*\n$/);
});

test.run();
