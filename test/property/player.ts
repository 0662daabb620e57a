/** One player of a program: does its operations in the heap and in the model, and compares whatever it reads. */
import { Barrier, Control, type Heap, Mutator, OutOfMemoryError, Own, ownBase } from '../../heap/index.js';
import { collectModel, type ModelHeap, ModelMutator } from '../model/index.js';
import { Mirror, MirrorMismatch, NOTHING, type Pair } from '../support/mirror.js';
import { actorOf, GLOBALS, PINS, type Program, REGISTERS, type Step } from './program.js';
import type { Turns } from './turns.js';

/** Slots behind the registers: what is pinned, and what is being made. */
const PINNED = REGISTERS;
const SCRATCH = PINNED + PINS;
const OWN_SLOTS = SCRATCH + 1;
const MOST_FRAMES = 64;
/** Words of one object's payload that a walk compares, at either end. */
const COMPARED = 16;
/** Free regions of the model below which it is collected, or, where it cannot be, nothing is allocated any more. */
const MODEL_RESERVE = 320;
/** Objects from each register that are read when a stage is reached: pages that nobody has made right by then. */
const WALKED = 100;
/** Longest wait for a stage of a cycle: it may have gone by before it was seen. */
const STAGE_MS = 30;
/** Share of a heap that has to be alive before a small object may be refused. */
const FULL = 0.5;

export interface PlayerResult {
  readonly operations: number;
  readonly outOfMemory: number;
}

export class Player {
  private mirror: Mirror;
  private readonly frames: { readonly first: number; readonly slots: number }[] = [];
  private readonly pinned = new Array<number>(PINS).fill(0);
  private operations = 0;
  private outOfMemory = 0;

  constructor(
    private readonly heap: Heap,
    private readonly model: ModelHeap,
    private readonly program: Program,
    private readonly number: number,
    private readonly turns: Turns,
  ) {
    this.mirror = this.join();
  }

  run(): PlayerResult {
    const { turns, program, mirror } = this;
    try {
      mirror.mutator.parked(() => turns.start(program.players));
      if (program.turns) this.takeTurns();
      else this.runAlone();
      this.mirror.mutator.parked(() => {
        turns.arrive();
        turns.awaitEnd();
      });
    } catch (error) {
      turns.fail();
      this.abandon();
      throw error;
    }
    this.leave();
    return { operations: this.operations, outOfMemory: this.outOfMemory };
  }

  /** The collector must not wait for a player that has failed. */
  private abandon(): void {
    try {
      this.mirror.mutator.detach();
    } catch {
      // the heap has been given up: its own error says why
    }
  }

  /** Who is not on has parked, before the next operation is told to go: its words can be read. */
  private takeTurns(): void {
    const { program, turns, number } = this;
    const end = program.operations.length;
    for (let at = 0; at < end && !turns.failed; ) {
      for (; at < end && actorOf(program, at) === number; at++) this.do(at);
      this.mirror.mutator.parked(() => {
        if (at > 0 && actorOf(program, at - 1) === number) turns.done(at - 1);
        for (at = turns.next; at < end && actorOf(program, at) !== number && !turns.failed; at = turns.next) {
          turns.sleep(at);
        }
      });
    }
  }

  private runAlone(): void {
    const { program, number, turns } = this;
    for (let at = 0; at < program.operations.length && !turns.failed; at++) {
      if (actorOf(program, at) === number) this.do(at);
    }
  }

  private do(at: number): void {
    const [, step] = this.program.operations[at];
    const scarce = this.model.freeRegions < MODEL_RESERVE;
    if (scarce && this.program.turns) collectModel(this.model);
    else if (scarce && ALLOCATES.has(step.do)) return;
    try {
      this.perform(step, at + 1);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      this.relieve(error);
    }
    this.operations++;
    for (let pin = 0; pin < PINS; pin++) {
      const now = this.mirror.mutator.root(PINNED + pin);
      if (now !== this.pinned[pin])
        throw new MirrorMismatch(`what is pinned at ${this.pinned[pin]} has moved to ${now}`);
    }
  }

  private perform(step: Step, tag: number): void {
    const { mirror } = this;
    const { mutator } = mirror;
    switch (step.do) {
      case 'new':
        this.allocate(this.slot(step.slot), step.granules, step.links, tag);
        break;
      case 'list':
        this.list(this.slot(step.slot), step.count, step.granules, step.keep);
        break;
      case 'fan':
        this.fan(this.slot(step.slot), step.count, step.granules, tag);
        break;
      case 'load': {
        const from = this.root(step.from);
        const field = this.fieldOf(from, step.field);
        if (field >= 0) mirror.setRoot(this.slot(step.to), mirror.load(from, field));
        break;
      }
      case 'store':
      case 'cut': {
        const into = this.root(step.into);
        const field = this.fieldOf(into, step.field);
        if (field >= 0) mirror.store(into, field, step.do === 'cut' ? NOTHING : this.root(step.value));
        break;
      }
      case 'copy':
        mirror.setRoot(this.slot(step.to), this.root(step.from));
        break;
      case 'drop':
        mirror.setRoot(this.slot(step.slot), NOTHING);
        break;
      case 'publish':
        mirror.setGlobal(this.global(step.global), this.root(step.slot));
        break;
      case 'fetch':
        mirror.setRoot(this.slot(step.slot), mirror.global(this.global(step.global)));
        break;
      case 'write': {
        const object = this.root(step.slot);
        const words = object.heap === 0 ? 0 : mirror.payloadWords(object);
        if (words > 0) mirror.setPayload(object, step.index % words, step.value);
        break;
      }
      case 'retag': {
        const object = this.root(step.slot);
        if (object.heap !== 0) mirror.setTag(object, step.value);
        break;
      }
      case 'walk':
        this.walk(this.root(step.slot), step.field, step.steps);
        break;
      case 'enter':
        if (this.frames.length < MOST_FRAMES) this.frames.push({ first: mirror.enter(step.slots), slots: step.slots });
        break;
      case 'leave': {
        const frame = this.frames.pop();
        if (frame !== undefined) mirror.leave(frame.first);
        break;
      }
      case 'pin':
        this.pin(this.slot(step.slot), step.pin);
        break;
      case 'unpin':
        this.unpin(step.pin);
        break;
      case 'safepoint':
        mutator.safepoint();
        break;
      case 'park':
        mutator.parked(() => Atomics.wait(sleeper, 0, 0, step.ms));
        break;
      case 'ask':
        mutator.requestCollection();
        break;
      case 'collect':
        mutator.collect();
        break;
      case 'reach':
        this.reach(step.stage);
        for (let slot = 0; slot < REGISTERS; slot++) this.walk(mirror.root(slot), 0, WALKED);
        break;
      case 'hide':
        this.reach('mark');
        this.hide(step.slot, step.field, step.steps, this.slot(step.to));
        break;
      case 'readable': {
        const object = this.root(step.slot);
        if (object.heap !== 0) this.heap.ensureReadable(object.heap, 8 + 4 * mirror.references(object));
        break;
      }
      case 'rejoin':
        this.leave();
        this.mirror = this.join();
        break;
    }
  }

  // ---- objects

  /** An object of exactly so many granules, something in both ends of its payload. */
  private allocate(slot: number, granules: number, links: number, tag: number): Pair {
    const { mirror } = this;
    const words = 2 * granules - 2;
    const references = Math.min(links, words);
    const made = mirror.allocate(slot, { references, payloadBytes: 4 * (words - references), tag });
    if (words > references) {
      mirror.setPayload(made, 0, tag ^ 0x5bd1e995);
      mirror.setPayload(made, words - references - 1, -tag);
    }
    return made;
  }

  private list(slot: number, count: number, granules: number, keep: number): void {
    const { mirror } = this;
    for (let i = 0; i < count; i++) {
      const made = this.allocate(SCRATCH, Math.max(2, granules), 1, i);
      if (i % keep !== 0) continue;
      mirror.store(made, 0, mirror.root(slot));
      mirror.setRoot(slot, made);
    }
    mirror.setRoot(SCRATCH, NOTHING);
  }

  private fan(slot: number, count: number, granules: number, tag: number): void {
    const { mirror } = this;
    mirror.allocate(slot, { references: count, payloadBytes: 0, tag });
    for (let i = 0; i < count; i++) {
      const made = this.allocate(SCRATCH, granules, 1, i);
      mirror.store(mirror.root(slot), i, made);
    }
    mirror.setRoot(SCRATCH, NOTHING);
  }

  private walk(from: Pair, field: number, steps: number): void {
    const { mirror } = this;
    let at = from;
    for (let step = 0; at.heap !== 0; step++) {
      const words = mirror.payloadWords(at);
      for (let i = 0; i < Math.min(words, COMPARED); i++) mirror.comparePayload(at, i);
      for (let i = Math.max(COMPARED, words - COMPARED); i < words; i++) mirror.comparePayload(at, i);
      const slot = this.fieldOf(at, field + step);
      if (slot < 0 || step === steps) return;
      at = mirror.load(at, slot);
    }
  }

  private hide(from: number, field: number, steps: number, to: number): void {
    const { mirror } = this;
    let at = this.root(from);
    for (let step = 0; ; step++) {
      const slot = this.fieldOf(at, field + step);
      if (slot < 0) return;
      const next = mirror.load(at, slot);
      if (step < steps && this.fieldOf(next, 0) >= 0) {
        at = next;
        continue;
      }
      mirror.store(at, slot, NOTHING);
      mirror.setRoot(to, next);
      return;
    }
  }

  /** A reference slot of `object`; -1 if it has none. */
  private fieldOf(object: Pair, field: number): number {
    const references = object.heap === 0 ? 0 : this.mirror.references(object);
    return references === 0 ? -1 : field % references;
  }

  // ---- roots

  private slot(operand: number): number {
    const frame = this.frames.at(-1);
    if (operand < REGISTERS) return operand;
    return frame === undefined ? operand - REGISTERS : frame.first + ((operand - REGISTERS) % frame.slots);
  }

  private root(operand: number): Pair {
    return this.mirror.root(this.slot(operand));
  }

  /** Players who do not take turns keep to globals of their own: the model knows no order among them. */
  private global(index: number): number {
    return this.program.turns ? index : GLOBALS * (1 + this.number) + index;
  }

  private pin(slot: number, pin: number): void {
    const { mirror } = this;
    this.unpin(pin);
    if (mirror.root(slot).heap === 0) return;
    mirror.setRoot(PINNED + pin, mirror.root(slot));
    this.pinned[pin] = mirror.mutator.pin(PINNED + pin);
  }

  private unpin(pin: number): void {
    if (this.pinned[pin] === 0) return;
    this.mirror.mutator.unpin(this.pinned[pin]);
    this.mirror.setRoot(PINNED + pin, NOTHING);
    this.pinned[pin] = 0;
  }

  // ---- the collector

  private reach(stage: 'mark' | 'ahead' | 'compact'): void {
    const { control } = this.heap;
    const { mutator } = this.mirror;
    const idle = () => Atomics.load(control, Control.CYCLE) === Atomics.load(control, Control.COLLECTIONS);
    const ended = Atomics.load(control, Control.COLLECTIONS);
    if (idle()) mutator.requestCollection();
    const began = performance.now();
    while (!this.isAt(stage) && Atomics.load(control, Control.COLLECTIONS) === ended) {
      if (performance.now() - began > STAGE_MS) return;
      mutator.safepoint();
    }
  }

  private isAt(stage: 'mark' | 'ahead' | 'compact'): boolean {
    const { control } = this.heap;
    if (stage === 'compact') return Atomics.load(control, Control.COMPACTING) !== 0;
    if (stage === 'ahead') return Atomics.load(control, Control.AHEAD) !== 0;
    // What it is told when its stack has been scanned; with the kernel barrier it is told nothing.
    const own = Atomics.load(control, ownBase(this.mirror.mutator.index) + Own.BARRIER);
    return own === Barrier.OLD;
  }

  /** Lets go of everything: other programs must find a heap in which they can go on. */
  private relieve(error: OutOfMemoryError): void {
    this.outOfMemory++;
    if (this.program.turns && error.requestedBytes <= this.heap.layout.regionBytes / 2) {
      const live = (8 * collectModel(this.model)) / this.heap.layout.bytes;
      if (live < FULL) throw new MirrorMismatch(`${error.message}: but only ${live.toFixed(2)} of the heap is alive`);
    }
    for (let slot = 0; slot < REGISTERS; slot++) this.mirror.setRoot(slot, NOTHING);
    this.mirror.setRoot(SCRATCH, NOTHING);
    for (let index = 0; index < GLOBALS; index++) this.mirror.setGlobal(this.global(index), NOTHING);
  }

  private join(): Mirror {
    const mutator = Mutator.attach(this.heap);
    const mirror = new Mirror(mutator, new ModelMutator(this.model, mutator.index));
    mirror.enter(OWN_SLOTS);
    return mirror;
  }

  private leave(): void {
    for (let pin = 0; pin < PINS; pin++) this.unpin(pin);
    this.frames.length = 0;
    this.mirror.leave(0);
    this.mirror.mutator.detach();
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const ALLOCATES: ReadonlySet<Step['do']> = new Set(['new', 'list', 'fan']);
