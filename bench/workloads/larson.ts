/**
 * Larson: a server whose memory outlives the thread that allocated it, after the allocator benchmark of Larson and
 * Krishnan (1998). Blocks of 16 B to 2 KiB, as many of each power of two, stand in tables that all mutators share; each
 * refers to a record of the mutator that made it. An operation replaces a block anywhere in a table; after a batch the
 * table is the next mutator's, so what a mutator replaces was made by another: survivors bleed from one to the next.
 *
 * There are eight tables a mutator, and in turn `t` mutator `i` has table `8i + t`, when whoever is to have it before is
 * done with it. So the blocks are the same however threads are scheduled, while nobody need wait who is not eight
 * batches ahead of another.
 */
import type { Mutator, Reference } from '../../heap/index.js';
import { below, nextRandom, seedState } from '../random.js';
import { objectBytes } from './shapes.js';
import type { Check, Part, Scope, Session, Workload } from './workload.js';

const fullBlocks = 2 ** 18;
const tablesPerMutator = 8;
const operationsPerBatch = 1000;

const leastBlock = 16;
const mostBlock = 2048;
/** Sizes of blocks, in equal steps of their logarithm. */
const blockBytes = Uint16Array.from({ length: 1024 }, (_, i) => leastBlock * (mostBlock / leastBlock) ** (i / 1023));

const references = 1;
const recordBytes = 8;
/** How long a mutator waits for a table before it looks whether the run is over, ms. */
const waitMs = 5;

/** What is known of the tables, which are global roots 0 to `tables - 1`; the records of the mutators follow them. */
interface Blocks {
  readonly tables: number;
  /** Of one table. */
  readonly size: number;
  /** Table → the turns it has been through. */
  readonly turns: Int32Array;
  /** Block, table after table → how often it was replaced, its payload in bytes, and the mutator that made it. */
  readonly versions: Uint32Array;
  readonly bytes: Uint16Array;
  readonly makers: Uint8Array;
}

export const larson: Workload = {
  warmUpSeconds: 5,
  prepare: prepareBlocks,
  open: (mutator, part) => new LarsonSession(mutator, part, part.prepared as Blocks),
};

function prepareBlocks({ scale, mutators }: Scope): Blocks {
  const tables = tablesPerMutator * mutators;
  const size = Math.max(16, Math.floor((fullBlocks * scale) / tables));
  const shared = (bytes: number) => new SharedArrayBuffer(bytes * tables * size);
  return {
    tables,
    size,
    turns: new Int32Array(new SharedArrayBuffer(4 * tables)),
    versions: new Uint32Array(shared(4)),
    bytes: new Uint16Array(shared(2)),
    makers: new Uint8Array(shared(1)),
  };
}

class LarsonSession implements Session {
  /** Root slot. */
  private readonly record: number;
  private readonly firstTable: number;
  private random: number;
  private turn = 0;
  private wrong = 0;

  constructor(
    private readonly mutator: Mutator,
    private readonly part: Part,
    private readonly blocks: Blocks,
  ) {
    this.firstTable = tablesPerMutator * part.index;
    this.random = seedState(part.seed);
    this.record = mutator.enter(1);
  }

  setUp(): void {
    const { mutator: m, part, blocks, record } = this;
    m.setRoot(record, m.allocate(0, recordBytes, part.index));
    m.setGlobal(blocks.tables + part.index, m.root(record));
    for (let i = 0; i < tablesPerMutator; i++) {
      m.setGlobal(this.firstTable + i, m.allocate(blocks.size, 0));
      for (let block = 0; block < blocks.size; block++) {
        if (block % 1024 === 0) part.progress((i + block / blocks.size) / tablesPerMutator);
        this.renew(this.firstTable + i, block);
      }
    }
  }

  batch(): number {
    const { blocks } = this;
    const table = (this.firstTable + this.turn) % blocks.tables;
    const turnsBefore = Math.floor(this.turn / tablesPerMutator);
    if (!this.isMine(table, turnsBefore)) return 0;
    for (let i = 0; i < operationsPerBatch; i++) {
      const block = below(this.next(), blocks.size);
      this.look(table, block);
      this.renew(table, block);
    }
    this.turn++;
    Atomics.store(blocks.turns, table, turnsBefore + 1);
    Atomics.notify(blocks.turns, table);
    return operationsPerBatch;
  }

  /** The tables that were this mutator's at first, whoever filled them since. */
  check(): Check {
    const { mutator: m, blocks } = this;
    let problem = this.wrong > 0 ? `${this.wrong} blocks that were replaced were not what they should be` : undefined;
    let bytes = objectBytes(0, recordBytes) + tablesPerMutator * objectBytes(blocks.size, 0);
    for (let i = 0; i < tablesPerMutator; i++) {
      const table = this.firstTable + i;
      this.part.progress(i / tablesPerMutator);
      m.safepoint();
      for (let block = 0; block < blocks.size; block++) {
        problem ??= this.wrongWith(table, block);
        bytes += objectBytes(references, blocks.bytes[table * blocks.size + block]);
      }
    }
    const checked = tablesPerMutator * blocks.size;
    return { ...(problem !== undefined && { problem }), checked, objects: checked + tablesPerMutator + 1, bytes };
  }

  /** Whether all turns before ours are over; if not, it waits a little. */
  private isMine(table: number, turnsBefore: number): boolean {
    const { turns } = this.blocks;
    const now = Atomics.load(turns, table);
    if (now === turnsBefore) return true;
    this.mutator.parked(() => Atomics.wait(turns, table, now, waitMs));
    return Atomics.load(turns, table) === turnsBefore;
  }

  private renew(table: number, block: number): void {
    const { mutator: m, blocks } = this;
    const at = table * blocks.size + block;
    const bytes = blockBytes[this.next() & (blockBytes.length - 1)];
    const fresh = m.allocate(references, bytes, at);
    const version = ++blocks.versions[at];
    blocks.bytes[at] = bytes;
    blocks.makers[at] = this.part.index;
    m.setPayload(fresh, 0, version);
    m.setPayload(fresh, (bytes >> 2) - 1, ~version);
    m.store(fresh, 0, m.root(this.record));
    m.store(m.global(table), block, fresh);
  }

  /** What is about to be replaced is read: it was made by another, if there is one. */
  private look(table: number, block: number): void {
    const { mutator: m, blocks } = this;
    const at = table * blocks.size + block;
    const object = m.load(m.global(table), block);
    if (m.tag(object) !== at || m.tag(m.load(object, 0)) !== blocks.makers[at]) this.wrong++;
  }

  private wrongWith(table: number, block: number): string | undefined {
    const { mutator: m, blocks } = this;
    const at = table * blocks.size + block;
    const object: Reference = m.load(m.global(table), block);
    if (object === 0) return `block ${at} is null`;
    if (m.references(object) !== references) return `block ${at} has ${m.references(object)} references`;
    const version = blocks.versions[at] | 0;
    const [first, last] = [m.payload(object, 0), m.payload(object, (blocks.bytes[at] >> 2) - 1)];
    if (m.tag(object) !== at || first !== version || last !== ~version) {
      return `block ${at}, version ${version}, holds tag ${m.tag(object)} and payload ${first} … ${last}`;
    }
    const maker = blocks.makers[at];
    if (m.load(object, 0) !== m.global(blocks.tables + maker)) return `block ${at} does not refer to mutator ${maker}`;
    return undefined;
  }

  private next(): number {
    this.random = nextRandom(this.random);
    return this.random;
  }
}
