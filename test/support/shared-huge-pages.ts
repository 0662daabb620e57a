/** Transparent huge pages for shared memory: the system's setting, changed while a test runs, as root. */
import { readFileSync, writeFileSync } from 'node:fs';
import { holdMachine } from './machine-lock.js';

const FOLDER = '/sys/kernel/mm/transparent_hugepage';

/** Why they cannot be had here; '' if they can. */
export function whyNoSharedHugePages(): string {
  if (process.getuid!() !== 0) return 'only root can allow transparent huge pages for shared memory';
  try {
    readFileSync(`${FOLDER}/shmem_enabled`);
    return '';
  } catch {
    return 'this kernel has none for shared memory';
  }
}

/** Runs `body` with the settings (files of the folder, and what to write into them), and puts them back, also at exit. */
export async function withSettings(settings: Readonly<Record<string, string>>, body: () => unknown): Promise<void> {
  const release = holdMachine('transparent-huge-pages');
  const before = Object.keys(settings).map((file) => [file, chosen(file)] as const);
  const restore = () => {
    for (const [file, value] of before) writeFileSync(`${FOLDER}/${file}`, value);
  };
  process.once('exit', restore);
  try {
    for (const [file, value] of Object.entries(settings)) writeFileSync(`${FOLDER}/${file}`, value);
    await body();
  } finally {
    restore();
    process.off('exit', restore);
    release();
  }
}

/** The choice in brackets, or all there is. */
function chosen(file: string): string {
  const text = readFileSync(`${FOLDER}/${file}`, 'utf8').trim();
  return /\[(.+)\]/.exec(text)?.[1] ?? text;
}

/** Bytes of the mapping at `address` of which the page table has entries, and those that it has as huge pages. */
export function mappedAt(address: number): { bytes: number; huge: number } {
  const all = readFileSync('/proc/self/smaps', 'utf8');
  const own = all.slice(all.search(new RegExp(`^0*${address.toString(16)}-`, 'm'))).split('VmFlags')[0]!;
  const field = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(own)?.[1] ?? 0) * 1024;
  return { bytes: field('Rss'), huge: field('ShmemPmdMapped') };
}
