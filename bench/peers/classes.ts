/** The Java sources, compiled once for each JDK that runs them. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, oneLine } from '../errors.js';
import { RunFailure } from '../invocation/failures.js';
import { packageRoot } from '../package.js';
import type { JavaHome } from './java-homes.js';

const compileMs = 120_000;

export const javaSources = join(packageRoot, 'bench/peers/java');

/** The user's own cache, which nobody else can write to. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'continuum', 'peers');
}

/**
 * The folder of the classes, which are compiled when these sources never were by this JDK. Two that compile at once
 * do not meet: each has a folder of its own, and the first one's becomes the cache.
 * @throws RunFailure saying why there are none.
 */
export async function classesFor({ home, runtime }: JavaHome, cache: string = cacheFolder()): Promise<string> {
  const files = readdirSync(javaSources).filter((name) => name.endsWith('.java'));
  const hash = createHash('sha256').update(runtime);
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(javaSources, name)));
  const folder = join(cache, hash.digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;
  let made: string | undefined;
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    made = mkdtempSync(join(cache, 'compiling-'));
    const sources = files.map((name) => join(javaSources, name));
    const args = ['-nowarn', '-encoding', 'UTF-8', '-d', made, ...sources];
    await promisify(execFile)(join(home, 'bin/javac'), args, { timeout: compileMs, killSignal: 'SIGKILL' });
    renameSync(made, folder);
  } catch (error) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    if (existsSync(folder)) return folder;
    const message = `${runtime} cannot compile the workloads into ${cache}: ${oneLine(messageOf(error)).slice(0, 300)}`;
    throw new RunFailure({ code: 'COMPILE', message, hint: 'name a folder to write to in XDG_CACHE_HOME' });
  }
  return folder;
}
