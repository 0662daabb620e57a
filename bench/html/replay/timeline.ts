/**
 * The state of every page at any time of a cycle. Changes stand sorted by time; going from one time to another applies
 * or takes back what lies between, or starts from a copy of all states that is kept every so many changes. So a step
 * costs what changes in it, and a leap never more than half a stretch between two copies.
 */
import { type CycleTables, howForwarded, type Lane, type Role } from './data.js';

/** States in the order in which a page goes through them. Only pages that hold nothing stale are ever AHEAD. */
export const Phase = { IDLE: 0, RAW: 1, CLAIMED: 2, READY: 3, PUBLISHED: 4, AHEAD: 5 } as const;
export const phaseCount = 6;

/** By what published pages are told apart, and the values there are. */
export const roles: readonly Role[] = ['worker', 'server', 'mutator', 'collector'];
export const groupings = { forwarder: roles, publisher: roles, how: howForwarded } as const;
export type Grouping = keyof typeof groupings;
const groupingNames = Object.keys(groupings) as Grouping[];
const mostValues = 4;

const changesPerCopy = 32_768;

/** A step that was made: which changes lie in it, and whether a copy was taken so that any page may be another. */
export interface Step {
  readonly leapt: boolean;
  readonly from: number;
  readonly to: number;
}

interface Copy {
  readonly phases: Uint8Array;
  readonly counts: Int32Array;
}

export class Timeline {
  /** State of each page at the present time. */
  readonly phases: Uint8Array;
  /** Of each page that will be published: index of its value in `groupings`. */
  readonly groups: Readonly<Record<Grouping, Uint8Array>>;
  /** Page of each change, in order of time. */
  readonly changed: Uint32Array;
  /** Changes applied or taken back so far, and copies started from: what the time a frame takes is made of. */
  readonly work = { changes: 0, copies: 0 };
  /** Changes that come before the present time. */
  cursor = 0;

  readonly #times: Float64Array;
  readonly #after: Uint8Array;
  readonly #before: Uint8Array;
  /** Pages in each state, then published pages of each value of each grouping. */
  readonly #counts = new Int32Array(phaseCount + groupingNames.length * mostValues);
  readonly #copies: Copy[] = [];

  constructor(tables: CycleTables, pages: number, lanes: readonly Lane[]) {
    this.phases = new Uint8Array(pages);
    this.groups = {
      forwarder: new Uint8Array(pages),
      publisher: new Uint8Array(pages),
      how: new Uint8Array(pages).fill(howForwarded.indexOf('as it was')),
    };
    const events = eventsOf(tables);
    this.#firstStates(tables);
    const order = orderOf(events.times);
    this.#times = new Float64Array(order.length);
    this.changed = new Uint32Array(order.length);
    this.#after = new Uint8Array(order.length);
    this.#before = new Uint8Array(order.length);
    const initial = this.phases.slice();
    const roleOf = lanes.map(({ role }) => roles.indexOf(role));
    const changes = this.#takeChanges(events, order, roleOf);
    this.#groupForwarded(tables, roleOf);
    this.#times = this.#times.subarray(0, changes);
    this.phases.set(initial);
    for (const phase of initial) this.#counts[phase]++;
    this.#copies = this.#takeCopies();
    this.seek(Number.NEGATIVE_INFINITY);
  }

  /** Number of changes in all. */
  get length(): number {
    return this.#times.length;
  }

  /** Goes to `time`, ns since the flip began: changes at that very time have happened. */
  seek(time: number): Step {
    const target = upperBound(this.#times, time);
    const copy = Math.min(Math.round(target / changesPerCopy), this.#copies.length - 1);
    const start = copy * changesPerCopy;
    const leapt = Math.abs(target - this.cursor) > changesPerCopy;
    if (leapt) this.#restore(this.#copies[copy], start);
    const from = Math.min(this.cursor, target);
    const to = Math.max(this.cursor, target);
    while (this.cursor < target) this.#apply(this.cursor++);
    while (this.cursor > target) this.#takeBack(--this.cursor);
    this.work.changes += to - from;
    return { leapt, from, to };
  }

  /** Pages in a state at the present time. */
  count(phase: number): number {
    return this.#counts[phase];
  }

  /** Pages published so far whose value of a grouping is the one with this index. */
  published(grouping: Grouping, value: number): number {
    return this.#counts[place(grouping) + value];
  }

  /** What was forwarded or published after the flip was stale at the flip, whatever else was noted about it. */
  #firstStates({ forwards, publishes }: CycleTables): void {
    for (const page of forwards.page) this.phases[page] = Phase.RAW;
    const ahead = new Set<number>();
    for (let i = 0; i < publishes.page.length; i++) {
      if (publishes.ahead[i]) for (let k = 0; k < publishes.count[i]; k++) ahead.add(publishes.page[i] + k);
    }
    for (let i = 0; i < publishes.page.length; i++) {
      if (publishes.ahead[i]) continue;
      for (let k = 0; k < publishes.count[i]; k++) {
        const page = publishes.page[i] + k;
        if (!ahead.has(page)) this.phases[page] = Phase.RAW;
      }
    }
  }

  /** A page never goes back: it may be published twice, or claimed again when its builder was lost. */
  #takeChanges(events: Events, order: Uint32Array, roleOf: readonly number[]): number {
    const state = this.phases;
    let changes = 0;
    for (const event of order) {
      const page = events.pages[event];
      const after = events.phases[event];
      const before = state[page];
      if (before < Phase.RAW !== (after === Phase.AHEAD) || before === Phase.AHEAD || after <= before) continue;
      if (after === Phase.PUBLISHED) {
        this.groups.publisher[page] = roleOf[events.lanes[event]];
        // Of a page that needed no work nobody noted that it was forwarded.
        this.groups.forwarder[page] = this.groups.publisher[page];
      }
      this.#times[changes] = Math.max(events.times[event], this.#times[changes - 1] ?? -Infinity);
      this.changed[changes] = page;
      this.#before[changes] = before;
      this.#after[changes++] = after;
      state[page] = after;
    }
    return changes;
  }

  #groupForwarded({ forwards }: CycleTables, roleOf: readonly number[]): void {
    for (let i = 0; i < forwards.page.length; i++) {
      this.groups.forwarder[forwards.page[i]] = roleOf[forwards.lane[i]];
      this.groups.how[forwards.page[i]] = forwards.how[i];
    }
  }

  #takeCopies(): Copy[] {
    const copies = [this.#copy()];
    while (this.cursor < this.length) {
      this.#apply(this.cursor++);
      if (this.cursor % changesPerCopy === 0) copies.push(this.#copy());
    }
    return copies;
  }

  #copy(): Copy {
    return { phases: this.phases.slice(), counts: this.#counts.slice() };
  }

  #restore(copy: Copy, cursor: number): void {
    this.phases.set(copy.phases);
    this.#counts.set(copy.counts);
    this.cursor = cursor;
    this.work.copies++;
  }

  #apply(change: number): void {
    this.#move(change, this.#before[change], this.#after[change], 1);
  }

  #takeBack(change: number): void {
    this.#move(change, this.#after[change], this.#before[change], -1);
  }

  #move(change: number, from: number, to: number, direction: number): void {
    const page = this.changed[change];
    this.phases[page] = to;
    this.#counts[from]--;
    this.#counts[to]++;
    if (this.#after[change] !== Phase.PUBLISHED) return;
    for (const grouping of groupingNames) this.#counts[place(grouping) + this.groups[grouping][page]] += direction;
  }
}

function place(grouping: Grouping): number {
  return phaseCount + groupingNames.indexOf(grouping) * mostValues;
}

interface Events {
  readonly times: Float64Array;
  readonly pages: Uint32Array;
  readonly phases: Uint8Array;
  readonly lanes: Uint16Array;
}

/** Claims first, then pages that became ready, then published ones: so they stand where their times are the same. */
function eventsOf({ forwards, publishes }: CycleTables): Events {
  const count = 2 * forwards.page.length + publishes.count.reduce((sum, one) => sum + one, 0);
  const times = new Float64Array(count);
  const pages = new Uint32Array(count);
  const phases = new Uint8Array(count);
  const lanes = new Uint16Array(count);
  let at = 0;
  const add = (time: number, page: number, phase: number, lane: number) => {
    times[at] = time;
    pages[at] = page;
    phases[at] = phase;
    lanes[at++] = lane;
  };
  const { begin, duration, page, lane } = forwards;
  for (let i = 0; i < page.length; i++) add(begin[i], page[i], Phase.CLAIMED, lane[i]);
  for (let i = 0; i < page.length; i++) add(begin[i] + duration[i], page[i], Phase.READY, lane[i]);
  for (let i = 0; i < publishes.page.length; i++) {
    const phase = publishes.ahead[i] ? Phase.AHEAD : Phase.PUBLISHED;
    const end = publishes.begin[i] + publishes.duration[i];
    for (let k = 0; k < publishes.count[i]; k++) add(end, publishes.page[i] + k, phase, publishes.lane[i]);
  }
  return { times, pages, phases, lanes };
}

/** Indices in the order of their times, equal ones as they stand: two rounds of counting over 16 bits each. */
function orderOf(times: Float64Array): Uint32Array {
  const least = times.reduce((a, b) => Math.min(a, b), 0);
  const most = times.reduce((a, b) => Math.max(a, b), 0);
  // Times that differ by less than 2^-32 of the whole would stand as they came; below 4.2 s that is less than 1 ns.
  const scale = Math.min(1, (2 ** 32 - 1) / (most - least || 1));
  const keys = Uint32Array.from(times, (time) => Math.floor((time - least) * scale));
  const first = Uint32Array.from(times, (_, i) => i);
  return countingSort(countingSort(first, keys, 0), keys, 16);
}

function countingSort(order: Uint32Array, keys: Uint32Array, shift: number): Uint32Array {
  const starts = new Uint32Array(65_537);
  for (const index of order) starts[((keys[index] >>> shift) & 0xffff) + 1]++;
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const sorted = new Uint32Array(order.length);
  for (const index of order) sorted[starts[(keys[index] >>> shift) & 0xffff]++] = index;
  return sorted;
}

/** Index of the first value greater than `value` in a sorted array. */
export function upperBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
