/** Where this package is, and its version: from package.json, which is above the compiled file too. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Package {
  readonly root: string;
  readonly version: string;
}

function find(from: string): Package {
  for (let folder = from; ; folder = dirname(folder)) {
    const read = readPackage(folder);
    if (read?.name === 'continuum') return { root: folder, version: read.version ?? '0.0.0' };
    if (folder === dirname(folder)) return { root: from, version: '0.0.0' };
  }
}

function readPackage(folder: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
  } catch {
    return undefined;
  }
}

const found = find(dirname(fileURLToPath(import.meta.url)));

/** The folder package.json is in. */
export const packageRoot = found.root;
export const packageVersion = found.version;
