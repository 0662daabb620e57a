/**
 * A recorder of what happens when: a lane a thread, records of 24 bytes, in one native mapping that all threads and the
 * signal handlers share. Nobody waits, nobody allocates: a lane has a single writer, and a writer that needs room takes
 * the next chunk of the mapping by one atomic addition. What does not fit is counted.
 *
 *     header       64 bytes   TraceWord
 *     lanes        4 bytes each: the chunk that it is filling, plus 1. Its writer
 *     chunks       16 KiB each: 64 bytes of ChunkWord, and 680 records
 *     record       f64 begin, ns since start() | f32 duration, ns | u32 a | u32 b | u16 kind | u16 lane
 *
 * The C++ side is native/src/pages/trace.h; loading compares the two. Times are CLOCK_MONOTONIC in every thread.
 */
import { Mapping, monotonicNs, pageEncoding } from '../native/index.js';
import { PAGE_BYTES, roundUp } from './address.js';
import { MAX_SLOTS } from './page-state.js';
import { eachRecord, RECORD_BYTES, TraceKind, type TraceLane, type TraceVisitor } from './trace-records.js';

/** What a heap records: when mutators could not run and why, and with `pages` what became of each page as well. */
export type TraceLevel = 'timeline' | 'pages';

/** 32-bit words of the header. */
const TraceWord = {
  /** 0 while nothing is recorded, 1 the timeline, 2 pages as well. Collector, by release; writers read, by acquire. */
  LEVEL: 0,
  /** Chunks that were taken, or tried to be. Writers add; what a chunk holds is handed over by its COUNT. */
  TAKEN: 1,
  /** Chunks there are, chunks that records of pages may use, and lanes. Its maker; constant. */
  CHUNKS: 2,
  PAGE_CHUNKS: 3,
  LANES: 4,
  /** Records that did not fit: of the timeline, of pages. Writers add. */
  DROPPED: 5,
  DROPPED_PAGES: 6,
  /** Threads of the collector that forward pages, and fault servers, for the names of lanes. Collector, before any runs. */
  WORKERS: 7,
  SERVERS: 8,
  /** 64 bits: CLOCK_MONOTONIC at start(), ns. Collector, before LEVEL. */
  ORIGIN: 10,
} as const;
/** 32-bit words of a chunk: whose it is, and how many records are whole. Its writer, COUNT by release after the record. */
const ChunkWord = { LANE: 0, COUNT: 1 } as const;

const HEADER_BYTES = 64;
const CHUNK_BYTES = 16_384;
const CHUNK_RECORDS = (CHUNK_BYTES - HEADER_BYTES) / RECORD_BYTES;

/** Chunks of a heap's recorder, 48 MiB for the timeline and 192 MiB more for pages; memory only once they are used. */
const TIMELINE_CHUNKS = 3072;
const PAGE_CHUNKS = 12_288;

for (const [name, value] of Object.entries({
  TRACE_FAULT: TraceKind.FAULT,
  TRACE_FORWARD: TraceKind.FORWARD,
  TRACE_PUBLISH: TraceKind.PUBLISH,
  TRACE_HEADER_BYTES: HEADER_BYTES,
  TRACE_CHUNK_BYTES: CHUNK_BYTES,
  TRACE_RECORD_BYTES: RECORD_BYTES,
  TRACE_ORIGIN_WORD: TraceWord.ORIGIN,
})) {
  if (pageEncoding[name] !== value) {
    throw new Error(`${name} is ${value} here and ${pageEncoding[name]} in the addon: rebuild it`);
  }
}

export class Recorder {
  private readonly words: Int32Array;
  private readonly shorts: Uint16Array;
  private readonly singles: Float32Array;
  private readonly doubles: Float64Array;
  private readonly firstChunk: number;

  private constructor(
    private readonly mapping: Mapping,
    private readonly mutators: number,
  ) {
    const { buffer } = mapping;
    this.words = new Int32Array(buffer);
    this.shorts = new Uint16Array(buffer);
    this.singles = new Float32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.firstChunk = chunksAt(this.words[TraceWord.LANES]!);
  }

  /** A recorder that has not started. `timeline` and `pages`: chunks of 680 records for either. */
  static create(mutators: number, timeline = TIMELINE_CHUNKS, pages = 0): Recorder {
    const lanes = mutators + 2 + MAX_SLOTS;
    const chunks = timeline + pages;
    const mapping = Mapping.anonymous(roundUp(chunksAt(lanes) + chunks * CHUNK_BYTES, PAGE_BYTES));
    const header = new Int32Array(mapping.buffer);
    header[TraceWord.CHUNKS] = chunks;
    header[TraceWord.PAGE_CHUNKS] = pages;
    header[TraceWord.LANES] = lanes;
    return new Recorder(mapping, mutators);
  }

  static of(level: TraceLevel, mutators: number): Recorder {
    return Recorder.create(mutators, TIMELINE_CHUNKS, level === 'pages' ? PAGE_CHUNKS : 0);
  }

  static attach(id: number, mutators: number): Recorder {
    return new Recorder(Mapping.attach(id), mutators);
  }

  /** For attach() in another thread. */
  get id(): number {
    return this.mapping.id;
  }

  // ---- who writes --------------------------------------------------------------------------------------------

  /** The thread that drives cycles, and forwards what a lost one had begun. */
  get collectorLane(): number {
    return this.mutators;
  }

  /** The lane of whoever forwards pages as `owner` (gc/protocol.ts): one at a time. A mutator's lane is its number. */
  laneOf(owner: number): number {
    return owner === MAX_SLOTS - 1 ? this.mutators : this.mutators + 1 + owner;
  }

  /** How many workers, and fault servers after them, owner numbers are given to. */
  declare(workers: number, servers: number): void {
    this.words[TraceWord.WORKERS] = workers;
    this.words[TraceWord.SERVERS] = servers;
  }

  lane(lane: number): TraceLane {
    if (lane < this.mutators) return { name: `mutator ${lane}`, role: 'mutator' };
    if (lane === this.mutators) return { name: 'collector', role: 'collector' };
    const [workers, servers] = [this.words[TraceWord.WORKERS]!, this.words[TraceWord.SERVERS]!];
    const owner = lane - this.mutators - 1;
    if (owner < workers) return { name: `worker ${owner}`, role: 'worker' };
    if (owner < workers + servers) return { name: `fault server ${owner - workers}`, role: 'server' };
    return { name: `spare worker ${owner - workers - servers}`, role: 'worker' };
  }

  // ---- recording ---------------------------------------------------------------------------------------------

  /** From now on, with time 0 now. Every mutator is parked and no cycle runs. */
  start(): void {
    this.doubles[TraceWord.ORIGIN / 2] = monotonicNs();
    Atomics.store(this.words, TraceWord.LEVEL, this.words[TraceWord.PAGE_CHUNKS] === 0 ? 1 : 2);
  }

  /** The same holds. */
  stop(): void {
    Atomics.store(this.words, TraceWord.LEVEL, 0);
  }

  get recordsPages(): boolean {
    return this.words[TraceWord.LEVEL] === 2;
  }

  /** ns since start(). */
  now(): number {
    return monotonicNs() - this.doubles[TraceWord.ORIGIN / 2]!;
  }

  /** What began at `begin` and ends now. `a` and `b` are unsigned. */
  record(lane: number, kind: number, begin: number, a: number, b = 0): void {
    if (this.words[TraceWord.LEVEL] !== 0) this.add(lane, kind, begin, this.now() - begin, a, b);
  }

  /** The same for who has taken the times: `began` by monotonicNs(), `ns` later it ended. */
  ended(lane: number, kind: number, began: number, ns: number, a: number, b: number): void {
    if (this.words[TraceWord.LEVEL] !== 0) {
      this.add(lane, kind, began - this.doubles[TraceWord.ORIGIN / 2]!, ns, a, b);
    }
  }

  private add(lane: number, kind: number, begin: number, duration: number, a: number, b: number): void {
    const { words } = this;
    let chunk = words[HEADER_BYTES / 4 + lane]! - 1;
    let word = (this.firstChunk + chunk * CHUNK_BYTES) / 4;
    if (chunk < 0 || words[word + ChunkWord.COUNT]! >= CHUNK_RECORDS) {
      chunk = this.take(kind);
      if (chunk < 0) return;
      word = (this.firstChunk + chunk * CHUNK_BYTES) / 4;
      words[word + ChunkWord.LANE] = lane;
      words[HEADER_BYTES / 4 + lane] = chunk + 1;
    }
    const count = words[word + ChunkWord.COUNT]!;
    const at = word + (HEADER_BYTES + count * RECORD_BYTES) / 4;
    this.doubles[at / 2] = begin;
    this.singles[at + 2] = duration;
    words[at + 3] = a;
    words[at + 4] = b;
    this.shorts[2 * at + 10] = kind;
    this.shorts[2 * at + 11] = lane;
    Atomics.store(words, word + ChunkWord.COUNT, count + 1);
  }

  /**
   * A chunk that nobody has, or -1 and the record is counted. Where pages are recorded the last ones are kept for the
   * timeline.
   */
  private take(kind: number): number {
    const { words } = this;
    const isPage = kind >= TraceKind.FORWARD && this.recordsPages;
    const most = words[isPage ? TraceWord.PAGE_CHUNKS : TraceWord.CHUNKS]!;
    if (Atomics.load(words, TraceWord.TAKEN) < most) {
      const chunk = Atomics.add(words, TraceWord.TAKEN, 1);
      if (chunk < words[TraceWord.CHUNKS]!) return chunk;
    }
    Atomics.add(words, isPage ? TraceWord.DROPPED_PAGES : TraceWord.DROPPED, 1);
    return -1;
  }

  // ---- reading -----------------------------------------------------------------------------------------------

  /** Records that did not fit. */
  get dropped(): { readonly timeline: number; readonly pages: number } {
    return { timeline: this.words[TraceWord.DROPPED]!, pages: this.words[TraceWord.DROPPED_PAGES]! };
  }

  /** Memory that records have taken. */
  get residentBytes(): number {
    return this.chunksTaken * CHUNK_BYTES;
  }

  get events(): number {
    let events = 0;
    for (const { bytes } of this.chunks()) events += bytes.length / RECORD_BYTES;
    return events;
  }

  /** Each chunk's lane and records, as they stand. */
  *chunks(): Generator<{ readonly lane: number; readonly bytes: Uint8Array }> {
    for (let chunk = 0; chunk < this.chunksTaken; chunk++) {
      const from = this.firstChunk + chunk * CHUNK_BYTES;
      const count = Atomics.load(this.words, from / 4 + ChunkWord.COUNT);
      if (count === 0) continue;
      const bytes = new Uint8Array(this.mapping.buffer, from + HEADER_BYTES, count * RECORD_BYTES);
      yield { lane: this.words[from / 4 + ChunkWord.LANE]!, bytes };
    }
  }

  /** Calls `visit` with each record, a lane's in the order in which they ended. */
  each(visit: TraceVisitor): void {
    for (const { lane, bytes } of this.chunks()) eachRecord(bytes, (kind, _, ...rest) => visit(kind, lane, ...rest));
  }

  close(): void {
    this.mapping.close();
  }

  private get chunksTaken(): number {
    return Math.min(Atomics.load(this.words, TraceWord.TAKEN), this.words[TraceWord.CHUNKS]!);
  }
}

function chunksAt(lanes: number): number {
  return roundUp(HEADER_BYTES + 4 * lanes, PAGE_BYTES);
}
