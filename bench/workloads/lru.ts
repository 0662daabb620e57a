/**
 * LRU: a cache in front of something slow. A hash table and a doubly linked list from the most recently used entry to
 * the least, both of objects of the heap. Keys are drawn under a Zipf distribution, skew 0.99 as YCSB has it; values have
 * 32 B to 64 KiB, as many of each power of two (mean 8.4 KiB). What is not there is made, one operation in 16 replaces
 * what is, and the least recently used go until the cache has no more bytes than it may have.
 *
 * A value of 64 KiB is 16 pages, and as much as a mutator is handed at once; none is humongous, which begins at half a
 * region. Values have no references, entries have four: nearly all pages are bare payload, so this is the workload in
 * which publishing pages weighs most.
 */
import type { Mutator, Reference } from '../../heap/index.js';
import { mix, nextRandom, seedState } from '../random.js';
import { powerOfTwoBelow } from './arithmetic.js';
import { objectBytes } from './shapes.js';
import type { Check, Part, Session, Workload } from './workload.js';
import { drawKey, type ZipfTable, zipfTable } from './zipf.js';

const fullBytes = 2 ** 28;
/** Eight times as many as the cache holds. */
const fullKeys = 2 ** 18;
const skew = 0.99;
const operationsPerBatch = 1000;
/** Of so many operations one replaces the value. */
const putPeriod = 16;

const leastValue = 32;
const mostValue = 2 ** 16;
/** Sizes of values, in equal steps of their logarithm. */
const valueBytes = Uint32Array.from({ length: 4096 }, (_, i) => leastValue * (mostValue / leastValue) ** (i / 4095));

/** Slots of an entry, whose tag is its key; the list's two ends are an entry that has no key. */
const newer = 0;
const older = 1;
const inBucket = 2;
const value = 3;
const entryReferences = 4;
const entryBytes = objectBytes(entryReferences, 0);

/** Payload words between two of a value's pattern. */
const patternStride = 128;

export const lru: Workload = {
  warmUpSeconds: 5,
  prepare: (scope) => zipfTable(Math.max(256, Math.floor((fullKeys * scope.scale) / scope.mutators)), skew),
  open: (mutator, part) => new CacheSession(mutator, part, part.prepared as ZipfTable),
};

class CacheSession implements Session {
  private readonly capacity: number;
  private readonly bucketMask: number;
  private readonly seed: number;
  /** Key → how often a value was made for it, and the operation that used it last. */
  private readonly versions: Uint32Array;
  private readonly lastUse: Float64Array;
  /** Root slots: the buckets, the entry between the list's ends, and a value that no entry has yet. */
  private readonly buckets: number;
  private readonly ends: number;
  private readonly fresh: number;
  private random: number;
  private clock = 0;
  /** Of all entries and values. */
  private bytes = 0;
  private count = 0;
  private wrong = 0;

  constructor(
    private readonly mutator: Mutator,
    private readonly part: Part,
    private readonly zipf: ZipfTable,
  ) {
    this.capacity = Math.max(2 ** 20, (fullBytes * part.scale) / part.mutators);
    this.bucketMask = powerOfTwoBelow(this.capacity / 4096, 16) - 1;
    this.seed = mix(part.seed);
    this.random = seedState(part.seed, 1);
    this.versions = new Uint32Array(zipf.keys);
    this.lastUse = new Float64Array(zipf.keys);
    this.buckets = mutator.enter(3);
    this.ends = this.buckets + 1;
    this.fresh = this.buckets + 2;
  }

  /** Full from the start, and with what is drawn most often. */
  setUp(): void {
    const { mutator: m, part, capacity, zipf } = this;
    m.setRoot(this.buckets, m.allocate(this.bucketMask + 1, 0));
    const ends = m.allocate(entryReferences, 0, -1);
    m.setRoot(this.ends, ends);
    m.store(ends, newer, ends);
    m.store(ends, older, ends);
    let keys = 0;
    for (let bytes = 0; bytes < capacity && keys < zipf.keys; keys++) bytes += this.bytesOf(keys, 1);
    for (let key = keys - 1; key >= 0; key--) {
      if (key % 64 === 0) part.progress(1 - key / keys);
      this.put(key);
    }
  }

  batch(operations = operationsPerBatch): number {
    for (let i = 0; i < operations; i++) {
      const key = drawKey(this.zipf, this.next(), this.next());
      const entry = this.clock % putPeriod === 0 ? 0 : this.find(key);
      if (entry === 0) this.put(key);
      else this.use(key, entry);
    }
    this.mutator.safepoint();
    return operations;
  }

  /** The list from its newest entry on: without a safepoint. */
  check(): Check {
    const { mutator: m } = this;
    const ends = m.root(this.ends);
    let problem = this.wrong > 0 ? `${this.wrong} values read were wrong` : undefined;
    let before = ends;
    let found = 0;
    let bytes = 0;
    for (let entry = m.load(ends, older); problem === undefined && entry !== ends; entry = m.load(entry, older)) {
      problem = this.wrongWith(entry, before, found);
      bytes += this.bytesOf(m.tag(entry), this.versions[m.tag(entry)]);
      before = entry;
      if (++found > this.count) problem ??= `the list has more than ${this.count} entries`;
    }
    problem ??= this.wrongInAll(before, found, bytes);
    return {
      ...(problem !== undefined && { problem }),
      checked: found,
      objects: 2 * this.count + 2,
      bytes: this.bytes + entryBytes + objectBytes(this.bucketMask + 1, 0),
    };
  }

  /** What is there is used: read, and the newest from now on. */
  private use(key: number, entry: Reference): void {
    const { mutator: m } = this;
    const held = m.load(entry, value);
    const version = this.versions[key];
    const last = (this.valueBytesOf(key, version) >> 2) - 1;
    const right = m.payload(held, 0) === this.pattern(key, version, 0);
    if (!right || m.payload(held, last) !== this.pattern(key, version, last)) this.wrong++;
    this.unlink(entry);
    this.linkNewest(entry);
    this.lastUse[key] = ++this.clock;
  }

  /** A new value for `key`, and an entry if it has none. */
  private put(key: number): void {
    const { mutator: m, versions } = this;
    const before = this.find(key) === 0 ? 0 : this.bytesOf(key, versions[key]);
    const version = ++versions[key];
    this.makeValue(key, version);
    let entry = this.find(key);
    if (entry === 0) {
      entry = m.allocate(entryReferences, 0, key);
      const buckets = m.root(this.buckets);
      m.store(entry, inBucket, m.load(buckets, this.bucketOf(key)));
      m.store(buckets, this.bucketOf(key), entry);
      this.count++;
    } else {
      this.unlink(entry);
    }
    m.store(entry, value, m.root(this.fresh));
    m.setRoot(this.fresh, 0);
    this.linkNewest(entry);
    this.lastUse[key] = ++this.clock;
    this.bytes += this.bytesOf(key, version) - before;
    while (this.bytes > this.capacity) this.evictOldest();
  }

  private makeValue(key: number, version: number): void {
    const { mutator: m } = this;
    const bytes = this.valueBytesOf(key, version);
    const fresh = m.allocate(0, bytes, version);
    m.setRoot(this.fresh, fresh);
    const last = (bytes >> 2) - 1;
    for (let word = 0; word < last; word += patternStride) m.setPayload(fresh, word, this.pattern(key, version, word));
    m.setPayload(fresh, last, this.pattern(key, version, last));
  }

  private evictOldest(): void {
    const { mutator: m } = this;
    const entry = m.load(m.root(this.ends), newer);
    const key = m.tag(entry);
    this.unlink(entry);
    const buckets = m.root(this.buckets);
    const after = m.load(entry, inBucket);
    let at = m.load(buckets, this.bucketOf(key));
    if (at === entry) {
      m.store(buckets, this.bucketOf(key), after);
    } else {
      while (m.load(at, inBucket) !== entry) at = m.load(at, inBucket);
      m.store(at, inBucket, after);
    }
    this.bytes -= this.bytesOf(key, this.versions[key]);
    this.count--;
  }

  /** The entry of `key`, or 0. */
  private find(key: number): Reference {
    const { mutator: m } = this;
    let entry = m.load(m.root(this.buckets), this.bucketOf(key));
    while (entry !== 0 && m.tag(entry) !== key) entry = m.load(entry, inBucket);
    return entry;
  }

  private unlink(entry: Reference): void {
    const { mutator: m } = this;
    const [before, after] = [m.load(entry, newer), m.load(entry, older)];
    m.store(before, older, after);
    m.store(after, newer, before);
  }

  private linkNewest(entry: Reference): void {
    const { mutator: m } = this;
    const ends = m.root(this.ends);
    const first = m.load(ends, older);
    m.store(entry, newer, ends);
    m.store(entry, older, first);
    m.store(first, newer, entry);
    m.store(ends, older, entry);
  }

  private bucketOf(key: number): number {
    return mix(key) & this.bucketMask;
  }

  private valueBytesOf(key: number, version: number): number {
    return valueBytes[mix(Math.imul(key, 0x9e3779b1) + mix(version + this.seed)) & (valueBytes.length - 1)];
  }

  /** Of an entry and its value. */
  private bytesOf(key: number, version: number): number {
    return entryBytes + objectBytes(0, this.valueBytesOf(key, version));
  }

  private pattern(key: number, version: number, word: number): number {
    return (Math.imul(key, 0x9e3779b1) + Math.imul(version, 0x85ebca6b) + word) | 0;
  }

  private next(): number {
    this.random = nextRandom(this.random);
    return this.random;
  }

  private wrongWith(entry: Reference, before: Reference, place: number): string | undefined {
    const { mutator: m, lastUse, versions } = this;
    const key = m.tag(entry);
    if (m.references(entry) !== entryReferences || key < 0 || key >= versions.length) return `entry ${place} is none`;
    if (m.load(entry, newer) !== before) return `the entry of key ${key} does not lead back to the one before it`;
    if (place > 0 && lastUse[key] >= lastUse[m.tag(before)]) return `key ${key} is out of order`;
    if (this.find(key) !== entry) return `the entry of key ${key} is not the one in its bucket`;
    const held = m.load(entry, value);
    const version = versions[key];
    if (held === 0 || m.references(held) !== 0 || m.tag(held) !== version) return `key ${key} has another value`;
    const last = (this.valueBytesOf(key, version) >> 2) - 1;
    for (let word = 0; word <= last; word = word === last ? word + 1 : Math.min(last, word + patternStride)) {
      if (m.payload(held, word) !== this.pattern(key, version, word)) return `the value of key ${key}: word ${word}`;
    }
    return undefined;
  }

  /** Which keys are there follows from when each was used last: all since the oldest was. */
  private wrongInAll(oldest: Reference, found: number, bytes: number): string | undefined {
    const { mutator: m, lastUse } = this;
    if (m.load(m.root(this.ends), newer) !== oldest) return 'the list does not end with its oldest entry';
    if (bytes !== this.bytes) return `the entries have ${bytes} bytes, not ${this.bytes}`;
    const since = lastUse[m.tag(oldest)];
    const wanted = lastUse.reduce((keys, use) => keys + (use >= since ? 1 : 0), 0);
    return found === wanted ? undefined : `${found} keys are there, and should be ${wanted}`;
  }
}
