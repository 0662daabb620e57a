// Builds the addon, and the program `limits` beside it; with --inject another addon, continuum_inject.node, in which
// system calls can be made to fail on purpose (src/inject), for tests; with --addon the addon alone. Node's own headers are used where they stand
// beside the node binary, so that a machine without internet builds too; elsewhere node-gyp fetches them. Nothing is
// rebuilt when nothing changed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const gyp = findNodeGyp();
const prefix = resolve(dirname(process.execPath), '..');
const headers = existsSync(join(prefix, 'include', 'node', 'node.h')) ? [`--nodedir=${prefix}`] : [];

// A dependency of a clone; elsewhere npm brings its own, and says where that is to what it runs.
function findNodeGyp() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node-gyp/package.json')), 'bin', 'node-gyp.js');
  } catch {
    if (process.env.npm_config_node_gyp) return process.env.npm_config_node_gyp;
  }
  process.stderr.write(
    'continuum: node-gyp is missing: let npm run this (npm rebuild continuum), or npm install node-gyp\n',
  );
  process.exit(1);
}

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
const ALONE = { '--inject': ['continuum_inject'], '--addon': ['continuum'] };
const targets = ALONE[process.argv.findLast((argument) => argument in ALONE)] ?? ['continuum', 'limits'];
run('build', ...targets, `--jobs=${availableParallelism()}`);
