/** What others do to a process while it compacts: signals to its threads, forks, children. */
import { spawn } from 'node:child_process';
import { fstatSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { Control, type Heap, MutatorState, Own, ownBase } from '../../heap/index.js';
import { catchSignal, forkFor, hasEnded, signalThread } from './inject.js';

/** `listen`: by a handler of Node's (SA_RESTART); `catch`: by one that lets calls answer EINTR. */
export type Meddling = 'listen' | 'catch' | 'fork' | 'spawn' | 'announce';

export interface Meddler {
  /** What it has done; of signals, those that found a thread asleep in the kernel. */
  readonly count: number;
  stop(): Promise<void>;
}

const SIGNALS = ['SIGUSR1', 'SIGTERM', 'SIGINT', 'SIGCHLD'] as const;
const EVERY_MS = 1;
const CHILD_MS = 40;
/** Children at a time. */
const MOST_CHILDREN = 3;

export function meddle(kind: Meddling, heap: Heap): Meddler {
  let count = 0;
  const children = new Set<unknown>();
  const compacting = () => Atomics.load(heap.control, Control.COMPACTING) !== 0;
  const reap = () => {
    for (const child of children) if (typeof child === 'number' && hasEnded(child)) children.delete(child);
  };
  const signal = () => {
    count += signalAll(heap);
  };
  const acts: Readonly<Record<Meddling, () => void>> = {
    listen: signal,
    catch: signal,
    fork() {
      reap();
      if (!compacting() || children.size >= MOST_CHILDREN) return;
      children.add(forkFor(CHILD_MS));
      count++;
    },
    spawn() {
      if (!compacting() || children.size >= MOST_CHILDREN) return;
      const child = spawn('/bin/sleep', [String(CHILD_MS / 1000)], { stdio: 'ignore' });
      children.add(child);
      child.on('close', () => children.delete(child));
      count++;
    },
    announce() {
      if (count > 0 || !compacting() || !someoneWaits(heap)) return;
      count++;
      const child = spawn('/bin/sleep', ['100'], { stdio: 'ignore', detached: true });
      writeSync(1, `armed: ${JSON.stringify({ inodes: memfds(), child: child.pid })}\n`);
    },
  };
  if (kind === 'listen') for (const name of SIGNALS) process.on(name, () => {});
  if (kind === 'catch') for (const name of SIGNALS) catchSignal(name);
  const timer = setInterval(acts[kind], EVERY_MS);
  return {
    get count() {
      return count;
    },
    async stop() {
      clearInterval(timer);
      for (; children.size > 0; reap()) await new Promise((soon) => setTimeout(soon, 5));
    },
  };
}

/** Kernel numbers of threads that are mutators now, and of fault servers. */
function threadsOf({ control, layout }: Heap): number[] {
  const threads: number[] = [];
  for (let mutator = 0; mutator < layout.mutators; mutator++) {
    const own = ownBase(mutator);
    if (Atomics.load(control, own + Own.STATE) !== MutatorState.ABSENT) threads.push(control[own + Own.THREAD]!);
  }
  for (let server = 0; server < 4; server++) threads.push(Atomics.load(control, Control.SERVERS + server));
  return threads.filter((thread) => thread > 0);
}

/** One of the signals to each thread. How many of them slept: in a fault, a futex, an ioctl, a poll. */
function signalAll(heap: Heap): number {
  let asleep = 0;
  for (const thread of threadsOf(heap)) {
    const state = stateOf(thread);
    const signal = SIGNALS[Math.floor(Math.random() * SIGNALS.length)]!;
    if (signalThread(thread, signal) && (state === 'S' || state === 'D')) asleep++;
  }
  return asleep;
}

function someoneWaits({ control, layout }: Heap): boolean {
  for (let mutator = 0; mutator < layout.mutators; mutator++) {
    const own = ownBase(mutator);
    if (Atomics.load(control, own + Own.STATE) !== MutatorState.RUNNING) continue;
    const state = stateOf(control[own + Own.THREAD]!);
    if (state === 'S' || state === 'D') return true;
  }
  return false;
}

function stateOf(thread: number): string {
  try {
    return /\) (\S)/.exec(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

/** Inodes of the memory that heaps of this process are made of. */
function memfds(): number[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('memfd:continuum-heap') ? [fstatSync(Number(fd)).ino] : [];
    } catch {
      return [];
    }
  });
}
