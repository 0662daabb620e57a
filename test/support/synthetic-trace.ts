/**
 * Traces as a collector would record them, made up: workers go through the stale pages by address and publish in
 * batches, mutators run, jump about the heap and fault, faults jump the queue. By a clock of its own, so that every
 * record fits every other.
 */

import type { TraceSource } from '../../bench/html/replay/collect.js';
import { MiB } from '../../bench/sizes.js';
import { traceFormat } from '../../bench/trace/file.js';
import { Forwarded, RECORD_BYTES, TraceKind, type TraceLane, type TraceVisitor } from '../../heap/trace-records.js';
import { Random } from './random.js';
import { someConfig } from './synthetic-results.js';

export interface TraceShape {
  readonly pages: number;
  readonly pagesPerRegion: number;
  readonly delivery: 'handler' | 'signal';
  readonly mutators: number;
  readonly workers: number;
  readonly cycles: number;
  /** Share of the regions whose pages are stale; of the others some are mapped ahead. */
  readonly stale: number;
  /** Mean time between two pages that a mutator touches, ns. */
  readonly touchNs: number;
}

export const smallShape: TraceShape = {
  ...{ pages: 1024, pagesPerRegion: 64, delivery: 'handler', mutators: 2, workers: 1, cycles: 3 },
  ...{ stale: 0.5, touchNs: 20_000 },
};

/** A heap of 1 GiB in pages of 4 KiB, of which three quarters are stale. */
export const largeShape: TraceShape = {
  ...{ pages: 262_144, pagesPerRegion: 256, delivery: 'handler', mutators: 2, workers: 1, cycles: 1 },
  ...{ stale: 0.75, touchNs: 9000 },
};

const ns = { claim: 1500, publish: 1800, publishPage: 210, serve: 11_000, serveSelf: 3400 };
const batch = 64;
const RAW = 1;
const PUBLISHED = 2;

/** A trace in memory, and as the bytes of a file. */
export class SyntheticTrace implements TraceSource {
  readonly header: { pages: number; lanes: TraceLane[] };
  #bytes = Buffer.alloc(1 << 20);
  events = 0;

  constructor(
    private readonly shape: TraceShape,
    seed: number,
  ) {
    const { mutators, workers, cycles, delivery, pages } = shape;
    const lanes: TraceLane[] = [];
    for (let i = 0; i < mutators; i++) lanes.push({ name: `mutator ${i}`, role: 'mutator' });
    for (let i = 0; i < workers; i++) lanes.push({ name: `worker ${i}`, role: 'worker' });
    if (delivery === 'handler') lanes.push({ name: 'fault server 0', role: 'server' });
    lanes.push({ name: 'collector', role: 'collector' });
    this.header = { pages, lanes };
    const random = new Random(seed);
    let now = 5e6;
    for (let cycle = 1; cycle <= cycles; cycle++) now = this.#collect(cycle, now, random) + 30e6;
  }

  each(visit: TraceVisitor): void {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
    for (let i = 0; i < this.events; i++) {
      const at = i * RECORD_BYTES;
      const [kind, lane] = [view.getUint16(at + 20, true), view.getUint16(at + 22, true)];
      const [begin, duration] = [view.getFloat64(at, true), view.getFloat32(at + 8, true)];
      visit(kind, lane, begin, duration, view.getUint32(at + 12, true), view.getUint32(at + 16, true));
    }
  }

  /** The file as it would be written. */
  file(): Buffer {
    const { pages, pagesPerRegion, mutators, workers, delivery } = this.shape;
    const config = {
      ...someConfig,
      heapBytes: Math.max(64 * MiB, pages * 4096),
      mutators,
      gcWorkers: workers,
      delivery,
      trace: true,
    };
    const header = { format: traceFormat, config, pages, pagesPerRegion, pageBytes: 4096, lanes: this.header.lanes };
    const line = `${JSON.stringify({ ...header, events: this.events, dropped: 0 })}\n`;
    return Buffer.concat([Buffer.from(line), this.#bytes.subarray(0, this.events * RECORD_BYTES)]);
  }

  #record(kind: number, lane: number, begin: number, duration: number, a = 0, b = 0): void {
    const at = this.events++ * RECORD_BYTES;
    if (at + RECORD_BYTES > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * this.#bytes.length);
    this.#bytes.writeDoubleLE(begin, at);
    this.#bytes.writeFloatLE(duration, at + 8);
    this.#bytes.writeUInt32LE(a, at + 12);
    this.#bytes.writeUInt32LE(b, at + 16);
    this.#bytes.writeUInt16LE(kind, at + 20);
    this.#bytes.writeUInt16LE(lane, at + 22);
  }

  /** One cycle from `start`; returns when it ended. */
  #collect(cycle: number, start: number, random: Random): number {
    const { pages, pagesPerRegion, stale, mutators } = this.shape;
    const collector = this.header.lanes.length - 1;
    const span = (kind: number, begin: number, duration: number) => {
      this.#record(kind, collector, begin, duration, cycle);
      return begin + duration;
    };
    let now = span(TraceKind.MARK, start, pages * 400);
    now = span(TraceKind.REMARK, now, 60_000);
    now = span(TraceKind.PLAN, now, pages * 10);
    const state = new Uint8Array(pages);
    const ahead = now;
    for (let first = 0; first < pages; first += pagesPerRegion) {
      const count = Math.min(pagesPerRegion, pages - first);
      if (random.chance(stale)) {
        for (let page = first; page < first + count; page++) if (random.chance(0.97)) state[page] = RAW;
      } else if (random.chance(0.3)) {
        this.#record(TraceKind.PUBLISH_AHEAD, mutators, now, 300 * count, first, count);
        now += 300 * count;
      }
    }
    span(TraceKind.AHEAD, ahead, now - ahead);
    const flipped = span(TraceKind.FLIP, now, 90_000);
    const done = this.#compact(state, flipped, random);
    span(TraceKind.COMPACT, flipped, done - flipped);
    const end = span(TraceKind.RECLAIM, done, 2e6);
    span(TraceKind.CYCLE, start, end - start);
    return end;
  }

  /** Whoever is free first does what it does next. */
  #compact(state: Uint8Array, flipped: number, random: Random): number {
    const { mutators, workers, delivery, pages } = this.shape;
    const free = this.header.lanes.map(() => flipped);
    const published = new Float64Array(pages);
    const cursor = { next: 0 };
    const how = () => random.pick([Forwarded.BUILT, Forwarded.UPDATED, Forwarded.UPDATED, Forwarded.AS_IT_WAS]);
    const forward = (lane: number, page: number, begin: number, took: number) => {
      this.#record(TraceKind.FORWARD, lane, begin, took, page, how());
      state[page] = PUBLISHED;
    };
    const work = (lane: number) => {
      let now = free[lane];
      const run: number[] = [];
      for (; cursor.next < pages && run.length < batch; cursor.next++) {
        if (state[cursor.next] !== RAW) {
          if (run.length > 0) break;
          continue;
        }
        const took = ns.claim + random.below(1200);
        forward(lane, cursor.next, now, took);
        now += took;
        run.push(cursor.next);
      }
      if (run.length === 0) return Number.POSITIVE_INFINITY;
      const took = ns.publish + ns.publishPage * run.length;
      this.#record(TraceKind.PUBLISH, lane, now, took, run[0], run.length);
      for (const page of run) published[page] = now + took;
      return now + took;
    };
    const touch = (lane: number) => {
      const now = free[lane];
      if (random.chance(0.0004)) {
        const took = 200_000 + random.below(2_000_000);
        this.#record(random.chance(0.3) ? TraceKind.STALL : TraceKind.PACE, lane, now, took);
        return now + took;
      }
      // Half of all accesses go to a small part of the heap.
      const page = random.chance(0.5) ? random.below(pages) : random.below(pages >> 4);
      let end = now;
      if (state[page] === RAW) {
        const server = delivery === 'signal' ? lane : mutators + workers;
        const begin = Math.max(now, free[server]);
        const service = (delivery === 'signal' ? ns.serveSelf : ns.serve) + random.below(3000);
        const took = ns.claim + random.below(1000);
        forward(server, page, begin + 500, took);
        this.#record(TraceKind.PUBLISH, server, begin + 500 + took, 900, page, 1);
        end = begin + service;
        published[page] = begin + 1400 + took;
        this.#record(TraceKind.FAULT, server, begin, end - begin, page, lane);
        free[server] = end;
      } else if (published[page] > now) {
        // Somebody is at it already.
        const server = delivery === 'signal' ? lane : mutators + workers;
        if (delivery === 'handler') {
          this.#record(TraceKind.FAULT, server, now, 2000, page, lane);
          this.#record(TraceKind.LEFT, server, now, 2000, page, lane);
        } else this.#record(TraceKind.FAULT, server, now, published[page] - now, page, lane);
        end = published[page] + 500;
      }
      return end + random.below(2 * this.shape.touchNs);
    };
    let done = flipped;
    while (free.slice(mutators, mutators + workers).some(Number.isFinite)) {
      let lane = 0;
      for (let i = 0; i < mutators + workers; i++) if (free[i] < free[lane]) lane = i;
      const next = lane < mutators ? touch(lane) : work(lane);
      if (Number.isFinite(next)) done = Math.max(done, next);
      free[lane] = next;
    }
    return done;
  }
}
