/**
 * A process in which threads call the addon on objects that another thread closes under them: a heap that marks, a memfd,
 * mappings, a userfaultfd. Prints what was wrong, and how often that was tried.
 *
 *     node hostile-threads-program.js ROUNDS
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Heap, Mutator } from '../../heap/index.js';
import { Mapping, Memfd, Userfaultfd } from '../../native/index.js';
import type { HostileThreadTask } from './hostile-thread.js';
import { Random } from './random.js';
import { fillHeap, smallHeap } from './random-heap.js';

const PAGE = 4096;
const THREADS = 2;
const pause = new Int32Array(new SharedArrayBuffer(4));

interface Told {
  readonly wrong: readonly string[];
  readonly refused: number;
  readonly rounds: number;
}

/** Calls that work on open objects, and may not work any more at any moment. */
function callsOn(heap: Heap, memfd: Memfd, mapping: Mapping, fd: Userfaultfd): HostileThreadTask['calls'] {
  const id = heap.kernels.id;
  const roots = Int32Array.from(heap.meta.globals);
  const shared = new Int32Array(new SharedArrayBuffer(4 * roots.length));
  shared.set(roots);
  const out = new Float64Array(new SharedArrayBuffer(64));
  return [
    ['kernelsShade', id, shared, 16],
    ['kernelsMark', id, 5000],
    ['kernelsRescan', id, 16, 64],
    ['kernelsHandOver', id],
    ['kernelsCountLive', id, 3],
    ['kernelsFindRight', id, 32, 4, 1, 0, shared.subarray(16), 64],
    ['kernelsUpdate', id, 40, 1],
    ['memfdPopulate', memfd.id, 0, PAGE],
    ['memfdResidentBytes', memfd.id],
    ['mappingShared', memfd.id, 0],
    ['mappingAdvise', mapping.id, 0, 4 * PAGE, 0],
    ['mappingProtect', mapping.id, 0, 4 * PAGE, 2],
    ['mappingRenew', mapping.id],
    ['userfaultfdAttach', fd.id],
    ['userfaultfdRegister', fd.id, mapping.id, 0, 4 * PAGE, 1],
    ['userfaultfdCopy', fd.id, mapping.id, 0, heap.space.workspace.id, 16 * PAGE, PAGE, 0],
    ['userfaultfdWake', fd.id, mapping.id, 0, PAGE],
    ['userfaultfdRead', fd.id, out, 0],
    ['userfaultfdWait', fd.id, 1],
    ['signalsAdopt', id, 0],
    ['signalsWakePage', id, 5],
  ];
}

async function round(seed: number): Promise<Told[]> {
  const heap = smallHeap();
  fillHeap(heap, new Random(seed), { granules: 200_000, keep: 0.8, sizes: [4, 16, 64], humongous: false });
  heap.kernels.beginMarking(1);
  const memfd = Memfd.create(4 * PAGE);
  const mapping = Mapping.anonymous(4 * PAGE);
  const fd = Userfaultfd.open();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const task: HostileThreadTask = { calls: callsOn(heap, memfd, mapping, fd), stop };
  const threads = await Promise.all(
    Array.from({ length: THREADS }, async () => {
      const worker = new Worker(new URL('./hostile-thread.js', import.meta.url), { workerData: task });
      const exit = once(worker, 'exit');
      await once(worker, 'message');
      return { told: once(worker, 'message'), exit };
    }),
  );
  Atomics.wait(pause, 0, 0, 5 + (seed % 40));
  for (const one of [heap, fd, mapping, memfd]) one.close();
  Atomics.store(stop, 0, 1);
  const told = await Promise.all(threads.map(async (thread) => (await thread.told)[0] as Told));
  await Promise.all(threads.map(({ exit }) => exit));
  return told;
}

let wrong = 0;
let refused = 0;
let calls = 0;
for (let i = 0; i < Number(process.argv[2]); i++) {
  for (const told of await round(i)) {
    for (const line of told.wrong) console.log(line);
    wrong += told.wrong.length;
    refused += told.refused;
    calls += told.rounds;
  }
}
// The process is sound after all that.
const heap = smallHeap();
const mutator = Mutator.attach(heap);
const object = mutator.allocate(1, 8, 5);
if (mutator.tag(object) !== 5) throw new Error('a new heap does not work');
mutator.detach();
heap.close();
console.log(`${calls} rounds, ${refused} calls refused, ${wrong} wrong`);
process.exit(wrong === 0 && refused > 0 ? 0 : 1);
