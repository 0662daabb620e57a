/** Huge pages for a test: reserved while it runs, as root, and given back when the process ends, whatever ends it. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { hugePages } from '../../native/index.js';
import { holdMachine } from './machine-lock.js';

const SETTING = '/proc/sys/vm/nr_hugepages';
let held = false;

/** Sees to it that `pages` of 2 MiB are free, until this process ends. Returns '' if they are, else why they are not. */
export function reserveHugePages(pages: number): string {
  if (process.getuid!() !== 0) {
    const { free } = hugePages();
    return free >= pages ? '' : `${free} huge pages are free, and only root can reserve ${pages}`;
  }
  // Another test's pages are not free for long, and what it gives back at its end would be ours.
  if (!held) holdMachine('huge-pages');
  held = true;
  const { total, free } = hugePages();
  if (free >= pages) return '';
  giveBackAtTheEnd(pages - free);
  try {
    writeFileSync(SETTING, String(total + pages - free));
  } catch (error) {
    return `huge pages cannot be reserved here: ${(error as Error).message}`;
  }
  const now = hugePages().free;
  return now >= pages ? '' : `${pages} huge pages are needed, and the machine has room for ${now}`;
}

/** At exit; and, by a process that waits for the end of its input, also when this one is killed. */
function giveBackAtTheEnd(added: number): void {
  const script = `cat > /dev/null; echo $(($(cat ${SETTING}) - ${added})) > ${SETTING}`;
  const guard = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.on('error', () => undefined); // no shell: then only an exit gives them back
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  process.on('exit', () => {
    guard.kill('SIGKILL');
    writeFileSync(SETTING, String(Number(readFileSync(SETTING, 'utf8')) - added));
  });
}
