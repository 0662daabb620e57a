/** A mutator's thread that works, breaks one thing on purpose, and tells what the session's check says of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Check, type Part, workloadsByName } from '../../../bench/workloads/index.js';
import { type WorkloadName, workloads } from '../../../bench/workloads/table.js';
import { type HeapHandle, Mutator } from '../../../heap/index.js';

export interface CorrupterTask {
  readonly heap: HeapHandle;
  readonly workload: WorkloadName;
  readonly scale: number;
  /** Name of what is to be broken; absent: nothing. */
  readonly fault?: string;
}

type Breakage = (mutator: Mutator) => void;

/** Root slot 0 is the table of churn, fullgc and dense, the tree of gcbench and binarytrees, the roots of javac. */
export const breakages: Readonly<Partial<Record<WorkloadName, Readonly<Record<string, Breakage>>>>> = {
  churn: {
    identity: (m) => m.setPayload(m.load(m.root(0), 5), 0, 6),
    'far end': (m) => m.setPayload(m.load(m.root(0), 5), 11, 0),
    edge: (m) => m.store(m.load(m.root(0), 7), 1, m.load(m.root(0), 8)),
    'lost entry': (m) => m.store(m.root(0), 3, 0),
    'another entry': (m) => m.store(m.root(0), 3, m.load(m.root(0), 4)),
  },
  fullgc: {
    identity: (m) => m.setTag(m.load(m.root(0), kept(m)), -1),
    edge: (m) => m.store(m.load(m.root(0), kept(m)), 1, m.root(0)),
    resurrection: (m) => m.store(m.root(0), dropped(m), m.load(m.root(0), kept(m))),
    'lost entry': (m) => m.store(m.root(0), kept(m), 0),
  },
  dense: {
    identity: (m) => m.setPayload(m.load(m.root(0), 5), 0, 6),
    edge: (m) => m.store(m.load(m.root(0), 7), 1, m.load(m.root(0), 8)),
    'fresh object': (m) => m.setTag(m.load(m.load(m.root(0), 0), 2), -1),
    holder: (m) => m.store(m.load(m.root(0), 0), 2, m.load(m.root(0), 1)),
  },
  gcbench: {
    branch: (m) => m.store(m.load(m.root(0), 0), 1, 0),
    double: (m) => m.setPayload(m.root(1), 2001, 0),
  },
  javac: {
    version: (m) => m.setTag(m.load(m.root(0), 0), m.tag(m.load(m.root(0), 0)) ^ (1 << 31)),
    edge: (m) => m.store(m.root(0), 0, m.load(m.root(0), 1)),
  },
  hammer: {
    version: (m) => m.setTag(m.load(m.root(0), 0), m.tag(m.load(m.root(0), 0)) ^ (1 << 31)),
    index: (m) => m.store(m.root(1), 3, m.load(m.root(1), 4)),
  },
  binarytrees: {
    branch: (m) => m.store(m.load(m.root(0), 0), 1, 0),
    place: (m) => m.setTag(m.load(m.root(0), 1), 2),
    'leaf that is none': (m) => m.store(leftmost(m), 0, m.root(0)),
    swap: (m) => m.store(m.root(0), 0, m.load(m.root(0), 1)),
  },
  lru: {
    value: (m) => m.setPayload(m.load(newest(m), 3), 0, 0),
    'value that is empty': (m) => {
      const empty = m.allocate(0, 32, m.tag(m.load(newest(m), 3)));
      m.store(newest(m), 3, empty);
    },
    version: (m) => m.setTag(m.load(newest(m), 3), 0),
    'list backwards': (m) => m.store(m.load(newest(m), 1), 0, m.root(1)),
    'lost entry': (m) => {
      const after = m.load(m.load(newest(m), 1), 1);
      m.store(newest(m), 1, after);
      m.store(after, 0, newest(m));
    },
    bucket: (m) => m.store(m.root(0), filledBucket(m), 0),
  },
  larson: {
    identity: (m) => m.setTag(m.load(m.global(2), 5), -1),
    'block that is empty': (m) => {
      const empty = m.allocate(1, 16, m.tag(m.load(m.global(2), 5)));
      m.store(empty, 0, m.root(0));
      m.store(m.global(2), 5, empty);
    },
    maker: (m) => m.store(m.load(m.global(7), 9), 0, m.global(0)),
    'lost block': (m) => m.store(m.global(0), 0, 0),
    'another block': (m) => m.store(m.global(3), 4, m.load(m.global(4), 3)),
  },
  graph: {
    version: (m) => m.setTag(m.load(m.root(0), 0), m.tag(m.load(m.root(0), 0)) ^ (1 << 31)),
    edge: (m) => m.store(m.root(0), 0, m.load(m.root(0), 1)),
  },
  pages: {
    identity: (m) => m.setTag(m.load(m.root(0), 5), 6),
    generation: (m) => m.setPayload(m.load(m.root(0), 5), 0, -1),
    edge: (m) => m.store(m.load(m.root(0), 7), 15, m.root(0)),
    'lost entry': (m) => m.store(m.root(0), 3, 0),
  },
};

function leftmost(m: Mutator): number {
  let node = m.root(0);
  while (m.load(node, 0) !== 0) node = m.load(node, 0);
  return node;
}

/** The newest entry of lru, behind the ends of its list. */
const newest = (m: Mutator) => m.load(m.root(1), 1);

function filledBucket(m: Mutator): number {
  let i = 0;
  while (m.load(m.root(0), i) === 0) i++;
  return i;
}

function entry(m: Mutator, wanted: (value: number) => boolean): number {
  let i = 0;
  while (!wanted(m.load(m.root(0), i))) i++;
  return i;
}

const kept = (m: Mutator) => entry(m, (value) => value !== 0);
const dropped = (m: Mutator) => entry(m, (value) => value === 0);

function run({ heap, workload, scale, fault }: CorrupterTask): Check {
  const mutator = Mutator.attach(heap);
  const { prepare, open } = workloadsByName[workload];
  const scope = { scale, mutators: 1 };
  const part: Part = { ...scope, index: 0, seed: 1, prepared: prepare?.(scope), progress: () => {} };
  const session = open(mutator, part);
  session.setUp();
  // Enough for binarytrees to have the tree that stays.
  for (let batches = 0; batches < 3 || session.ending === 'not-yet'; batches++) {
    session.batch();
    if (session.ending === 'must') break;
  }
  if (fault !== undefined) breakages[workload]?.[fault](mutator);
  const check = session.check();
  mutator.detach();
  return check;
}

// The table of breakages is imported by the test as well, in its own thread.
if (parentPort !== null && workerData?.workload in workloads) parentPort.postMessage(run(workerData as CorrupterTask));
