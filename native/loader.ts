/** Finds the compiled addon and loads it; says what to do where there is none. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { limitBehind } from './limits.js';

/** The addon, or with CONTINUUM_INJECT the one in which tests make system calls fail (native/src/inject). */
const INJECTS = Boolean(process.env.CONTINUUM_INJECT);
const BINARY = join('native', 'build', 'Release', INJECTS ? 'continuum_inject.node' : 'continuum.node');

/** The package's root is the nearest folder above this file that has the binary's source in it. */
function packageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'native', 'binding.gyp'))) return folder;
    if (folder === dirname(folder)) throw new Error(`continuum: ${start} is not inside the continuum package.`);
  }
}

function loadAddon(): unknown {
  if (process.platform !== 'linux') {
    throw new Error(`continuum: userfaultfd is a part of Linux; this is ${process.platform}.`);
  }
  const file = join(packageRoot(), BINARY);
  if (!existsSync(file)) {
    throw new Error(
      `continuum: the native addon is not built (${file} is missing). ` +
        `Run \`${INJECTS ? 'node native/build.mjs --inject' : 'npm run build:native'}\` in the package; ` +
        'it needs python3, make and g++ 12 or newer.',
    );
  }
  try {
    return createRequire(import.meta.url)(file);
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const limit = limitBehind(`${code} ${message}`);
    if (limit !== undefined) throw new Error(`continuum: ${file} cannot be loaded: ${limit}`, { cause });
    throw new Error(
      `continuum: ${file} cannot be loaded by Node ${process.version} (${process.arch}). ` +
        'It was probably built for another version or machine: remove native/build and run `npm run build:native`.',
      { cause },
    );
  }
}

/**
 * The addon's functions; each file of the typed layer gives it the interface of its own part. Load this module in the
 * main thread before the first worker does, so that the process closes every userfaultfd when it exits: a worker that
 * waits for a fault can be neither terminated nor joined.
 */
export const addon: unknown = loadAddon();

if (isMainThread) {
  process.on('exit', () => (addon as { userfaultfdCloseAll(): number }).userfaultfdCloseAll());
}
