/** What a stress program does, one operation a function. Each leaves heap and model the same. */
import { MirrorMismatch, NOTHING, type Pair } from './mirror.js';
import { ENTRIES, NODES, SHARED_ENTRIES, SHARED_TAG, Slot, type StressGraph } from './stress-graph.js';

export type Operation = (graph: StressGraph) => void;

/** A new object in place of an entry, with references to others. */
export const replace: Operation = (graph) => {
  const { mirror, random } = graph;
  const scratch = Slot.SCRATCH + 1;
  graph.scribble(mirror.allocate(scratch, graph.shape()));
  const node = graph.node();
  const made = mirror.root(scratch);
  linkSome(graph, made);
  const entry = random.below(ENTRIES);
  if (random.chance(0.9)) graph.prune(mirror.load(node, entry));
  mirror.store(node, entry, made);
  mirror.setRoot(scratch, NOTHING);
};

/** Walks, and compares what it sees. */
export const chase: Operation = (graph) => {
  const { mirror, random } = graph;
  const object = graph.walk(graph.some(), 6);
  if (!graph.mayRead(object)) return;
  const words = mirror.payloadWords(object);
  if (words > 0) {
    mirror.comparePayload(object, 0);
    mirror.comparePayload(object, words - 1);
    mirror.comparePayload(object, random.below(words));
  }
  if (random.chance(0.1)) mirror.setRoot(Slot.TEMPORARY + random.below(Slot.TEMPORARIES), object);
};

export const storeReference: Operation = (graph) => {
  const { mirror, random } = graph;
  const object = graph.some();
  if (!graph.mayChange(object) || mirror.references(object) === 0) return;
  mirror.store(object, random.below(mirror.references(object)), random.chance(0.5) ? NOTHING : graph.some());
};

export const write: Operation = (graph) => {
  const { mirror, random } = graph;
  const object = graph.some();
  if (!graph.mayChange(object)) return;
  graph.scribble(object);
  if (random.chance(0.2)) mirror.setTag(object, random.below(1 << 24));
};

/** Moves what may be the only reference of an object to the stack, lets time pass, and stores it somewhere else. */
export const hide: Operation = (graph) => {
  const { mirror, random } = graph;
  const scratch = Slot.SCRATCH + 2;
  const node = graph.node();
  const entry = random.below(ENTRIES);
  mirror.setRoot(scratch, mirror.load(node, entry));
  mirror.store(node, entry, NOTHING);
  temporary(graph);
  if (random.chance(0.05)) mirror.mutator.safepoint();
  const other = graph.node();
  mirror.store(other, random.below(ENTRIES), mirror.root(scratch));
  mirror.setRoot(scratch, NOTHING);
};

/** Two references change places. */
export const swap: Operation = (graph) => {
  const { mirror, random } = graph;
  const [a, b] = [graph.some(), graph.some()];
  if (!graph.mayChange(a) || !graph.mayChange(b) || mirror.references(a) === 0 || mirror.references(b) === 0) return;
  const [at, bt] = [random.below(mirror.references(a)), random.below(mirror.references(b))];
  const [left, right] = [mirror.load(a, at), mirror.load(b, bt)];
  mirror.store(a, at, right);
  mirror.store(b, bt, left);
};

export const temporary: Operation = (graph) => {
  const { mirror, random } = graph;
  const slot = Slot.TEMPORARY + random.below(Slot.TEMPORARIES);
  graph.scribble(mirror.allocate(slot, graph.shape()));
};

/** Anything from 1 to 100,000 granules, humongous ones and wide arrays among them. */
export const big: Operation = (graph) => {
  const { mirror, random } = graph;
  const slot = Slot.BIG + random.below(Slot.BIGS);
  const object = mirror.allocate(slot, graph.sized(random.spread(500, 100_000)));
  graph.scribble(object);
  const references = mirror.references(object);
  for (let i = Math.min(references, 500); i > 0; i--) mirror.store(object, random.below(references), graph.some());
  if (random.chance(0.3)) mirror.setRoot(Slot.BIG + random.below(Slot.BIGS), NOTHING);
};

/** More than one region. */
export const humongous: Operation = (graph) => {
  const { mirror, random } = graph;
  mirror.setRoot(Slot.HUMONGOUS, NOTHING);
  if (random.chance(0.3)) return;
  const object = mirror.allocate(Slot.HUMONGOUS, graph.sized(random.between(100_000, 300_000)));
  graph.scribble(object);
  const references = mirror.references(object);
  for (let i = Math.min(references, 2000); i > 0; i--) mirror.store(object, random.below(references), graph.some());
};

/** A list of many small objects, which cannot be marked in parallel. */
export const chain: Operation = (graph) => {
  const { mirror, random } = graph;
  const scratch = Slot.SCRATCH + 3;
  mirror.setRoot(scratch, NOTHING);
  for (let left = random.spread(10, 4000); left > 0; left--) {
    const link = mirror.allocate(scratch + 1, { references: 1, payloadBytes: random.below(16), tag: left });
    mirror.store(link, 0, mirror.root(scratch));
    mirror.setRoot(scratch, link);
  }
  const node = graph.node();
  mirror.store(node, random.below(ENTRIES), mirror.root(scratch));
  mirror.setRoot(scratch, NOTHING);
  mirror.setRoot(scratch + 1, NOTHING);
};

/** Frames on the stack, with roots that are gone when they are left. */
export const frames: Operation = (graph) => {
  const { mirror, random } = graph;
  const outer = mirror.enter(random.between(1, 200));
  for (let depth = random.below(4); depth >= 0; depth--) {
    const frame = mirror.enter(2);
    mirror.setRoot(frame, graph.some());
    mirror.allocate(frame + 1, graph.shape());
    linkSome(graph, mirror.root(frame + 1));
    if (random.chance(0.5)) mirror.leave(frame);
  }
  mirror.leave(outer);
};

/** While it is pinned, an object does not move. */
export const pin: Operation = (graph) => {
  const { mirror, random } = graph;
  const scratch = Slot.SCRATCH + 5;
  mirror.setRoot(scratch, graph.some());
  if (mirror.root(scratch).heap === 0) return;
  const pinned = mirror.mutator.pin(scratch);
  try {
    for (let i = random.below(300); i > 0; i--) {
      temporary(graph);
      const now = mirror.root(scratch).heap;
      if (now !== pinned) throw new MirrorMismatch(`an object pinned at ${pinned} has moved to ${now}`);
    }
  } finally {
    mirror.mutator.unpin(pinned);
  }
  mirror.setRoot(scratch, NOTHING);
};

export const rest: Operation = ({ mirror, random }) => {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  mirror.mutator.parked(() => Atomics.wait(nobody, 0, 0, random.below(3)));
};

/** With the lock held: replaces entries of the shared table, links shared objects, takes references home. */
export const share: Operation = (graph) => {
  const { mirror, random } = graph;
  const scratch = Slot.SCRATCH + 6;
  for (let i = random.between(1, 6); i > 0; i--) {
    const shape = graph.shape();
    graph.scribble(mirror.allocate(scratch, { ...shape, tag: SHARED_TAG | shape.tag }));
    const table = graph.sharedTable();
    const made = mirror.root(scratch);
    const other = mirror.load(table, random.below(SHARED_ENTRIES));
    if (mirror.references(made) > 0) mirror.store(made, 0, other);
    const entry = random.below(SHARED_ENTRIES);
    graph.prune(mirror.load(table, entry));
    mirror.store(table, entry, made);
    if (other.heap !== 0) {
      const read = graph.walk(other, 4);
      if (mirror.payloadWords(read) > 0) mirror.comparePayload(read, 0);
      mirror.setRoot(Slot.TEMPORARY + random.below(Slot.TEMPORARIES), read);
    }
  }
  mirror.setRoot(scratch, NOTHING);
};

/** Lets go of about half of what the program keeps. Allocates nothing. */
export const relieve: Operation = (graph) => {
  const { mirror, random } = graph;
  for (let slot = Slot.BIG; slot < Slot.SLOTS; slot++) mirror.setRoot(slot, NOTHING);
  for (let i = 0; i < NODES; i++) if (random.chance(0.7)) graph.dropNode();
};

export const dropNode: Operation = (graph) => graph.dropNode();

function linkSome(graph: StressGraph, object: Pair): void {
  const { mirror, random } = graph;
  const references = mirror.references(object);
  for (let i = Math.min(references, 3); i > 0; i--) mirror.store(object, random.below(references), graph.some());
}
