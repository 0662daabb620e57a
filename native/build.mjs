// Builds the addon, and the program `limits` beside it; with --inject another addon, continuum_inject.node, in which
// system calls can be made to fail on purpose (src/inject), for tests. Node's own headers are used where they stand
// beside the node binary, so that a machine without internet builds too; elsewhere node-gyp fetches them. Nothing is
// rebuilt when nothing changed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const gyp = join(dirname(createRequire(import.meta.url).resolve('node-gyp/package.json')), 'bin', 'node-gyp.js');
const prefix = resolve(dirname(process.execPath), '..');
const headers = existsSync(join(prefix, 'include', 'node', 'node.h')) ? [`--nodedir=${prefix}`] : [];

function run(...args) {
  const done = spawnSync(process.execPath, [gyp, ...args, '-C', here, ...headers, '--loglevel=warn'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (done.status === 0) return;
  process.stderr.write(done.stdout ?? '');
  process.stderr.write('continuum: the native addon did not build. It needs python3, make and g++ 12 or newer.\n');
  process.exit(1);
}

run('configure');
const targets = process.argv.includes('--inject') ? ['continuum_inject'] : ['continuum', 'limits'];
run('build', ...targets, `--jobs=${availableParallelism()}`);
