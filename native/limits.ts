/**
 * What the system says when one of its limits is met, and what to tell: which limit it was, and what to change. One table,
 * for the addon, its loader and the command alike. Needs no addon.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Row {
  /** Matches the code, the message or the last words of whoever failed. */
  readonly said: RegExp;
  /** What to tell; undefined where it was not this limit. */
  readonly tell: (said: string) => string | undefined;
}

const KIB = 1024;
/** Of these Node dies without a word that names the limit. */
const DEATH = 'SIGTRAP|SIGABRT|SIGILL';
const NO_THREAD = /pthread_create|uv_thread_create|spawn .*EAGAIN|ERR_WORKER_INIT_FAILED/;

const ROWS: readonly Row[] = [
  {
    said: /ERR_DLOPEN_DISABLED|ERR_ACCESS_DENIED|Access to this API has been restricted/,
    tell: () =>
      nodeOptions().includes('--no-addons')
        ? 'Node was started with --no-addons, and the collector is an addon: leave that out'
        : "Node's permission model forbids it: add --allow-addons --allow-worker --allow-child-process, and the folders " +
          'with --allow-fs-read and --allow-fs-write, or leave --permission out',
  },
  {
    said: /ERR_DLOPEN_FAILED/,
    // Its signal handler needs thread-local memory that is there at once (initial-exec), which musl has for no addon.
    tell: () =>
      glibcVersion() === undefined ? 'it needs glibc, and this Node has another C library (musl?)' : undefined,
  },
  {
    said: /EFBIG|SIGXFSZ/,
    tell: () => {
      const bytes = ulimit('file size');
      if (bytes === undefined) return undefined;
      return `files may have ${bytes / KIB} KiB (ulimit -f), and a heap is a file in memory: raise it, ulimit -f unlimited`;
    },
  },
  {
    said: new RegExp(`${NO_THREAD.source}|${DEATH}`),
    tell: (said) => {
      const { most, refused } = cgroupTasks();
      if (refused > 0) return `the cgroup may have ${most} threads (pids.max), and has refused some: raise it`;
      if (!NO_THREAD.test(said)) return undefined; // nearly every user has some limit
      const mine = ulimit('processes');
      return mine === undefined
        ? undefined
        : `the user may have ${mine} threads (ulimit -u): raise it, ulimit -u unlimited`;
    },
  },
  {
    said: new RegExp(`ENOMEM|out of memory|Cannot allocate memory|Array buffer allocation|${DEATH}`, 'i'),
    tell: () => {
      const bytes = ulimit('address space');
      if (bytes === undefined) return undefined;
      return (
        `the process may have ${bytes / KIB} KiB of addresses (ulimit -v), and a heap is mapped several times over: ` +
        'raise it, ulimit -v unlimited'
      );
    },
  },
  {
    said: /EMFILE|too many open files/i,
    tell: () => 'the process has as many files open as it may have (ulimit -n): raise it',
  },
  { said: /ENFILE/, tell: () => 'the machine has too many files open: raise fs.file-max' },
];

/** What to tell of an error or a death that the system's limits explain; undefined where none does. */
export function limitBehind(said: string): string | undefined {
  for (const row of ROWS) {
    const told = row.said.test(said) ? row.tell(said) : undefined;
    if (told !== undefined) return told;
  }
  return undefined;
}

/** The smallest number of huge pages that a cgroup above us may have or promise; undefined where none says. */
export function hugePagesOfCgroup(): { readonly file: string; readonly pages: number } | undefined {
  const found = [
    'hugetlb.2MB.rsvd.max',
    'hugetlb.2MB.max',
    'hugetlb.2MB.rsvd.limit_in_bytes',
    'hugetlb.2MB.limit_in_bytes',
  ]
    .flatMap((name) => cgroupFiles('hugetlb', name))
    .map((file) => ({ file, pages: Math.floor(numberIn(file) / 2 ** 21) }))
    .filter(({ pages }) => Number.isFinite(pages) && pages < 2 ** 40); // a limit that is none is some huge number
  return found.sort((a, b) => a.pages - b.pages)[0];
}

const NAMES = {
  'file size': 'Max file size',
  'address space': 'Max address space',
  processes: 'Max processes',
} as const;

/** A soft limit of this process; undefined where there is none. */
function ulimit(name: keyof typeof NAMES): number | undefined {
  const line = textOf('/proc/self/limits')
    .split('\n')
    .find((text) => text.startsWith(NAMES[name]));
  const soft = Number(line?.slice(NAMES[name].length).trim().split(/\s+/)[0]);
  return Number.isFinite(soft) ? soft : undefined;
}

/** Of the cgroup that has refused a thread, or any: how many it may have, and how often it refused. */
function cgroupTasks(): { most: string; refused: number } {
  for (const events of cgroupFiles('pids', 'pids.events')) {
    const refused = Number(/^max (\d+)/m.exec(textOf(events))?.[1] ?? 0);
    if (refused > 0) return { most: textOf(events.replace('events', 'max')).trim(), refused };
  }
  return { most: '', refused: 0 };
}

/** `name` in our cgroup of a controller and in those above it, where they have it; of version 1 and 2. */
function cgroupFiles(controller: string, name: string): string[] {
  const roots = textOf('/proc/self/cgroup')
    .split('\n')
    .flatMap((line) => {
      const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (controllers.split(',').includes(controller)) return [[join('/sys/fs/cgroup', controller), path] as const];
      return controllers === '' ? [['/sys/fs/cgroup', path] as const] : [];
    });
  return roots.flatMap(([root, path]) => {
    const parts = path.split('/').filter((part) => part !== '');
    return parts
      .concat('')
      .map((_, i) => join(root, ...parts.slice(0, parts.length - i), name))
      .filter((file) => textOf(file) !== '');
  });
}

function numberIn(file: string): number {
  const text = textOf(file).trim();
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Of the C library that Node runs with; undefined where that is another, as in Alpine Linux. */
export function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime;
}

function nodeOptions(): string {
  return [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
}
