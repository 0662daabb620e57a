/** The thread of one stress program: operations at random, in a heap and in the model, until it is told to stop. */
import { Heap, Mutator, OutOfMemoryError } from '../../heap/index.js';
import { ModelHeap, ModelMutator } from '../model/index.js';
import { Meeting } from './meeting.js';
import { Mirror, MirrorMismatch } from './mirror.js';
import type { ProgramTask } from './model-run.js';
import { runProgram } from './program.js';
import { Random } from './random.js';
import { StressGraph } from './stress-graph.js';
import * as operation from './stress-operations.js';

interface StressTask extends ProgramTask {
  readonly seed: number;
  readonly program: number;
  /** Live MiB of the model, at a meeting, above which a program lets go of half of what it keeps. */
  readonly pressureMiB: number;
}

export interface StressResult {
  readonly operations: number;
  readonly outOfMemory: number;
}

/** How often each operation is chosen, of the sum of all. */
const WEIGHTS: readonly (readonly [number, operation.Operation])[] = [
  [4000, operation.replace],
  [2500, operation.chase],
  [1000, operation.storeReference],
  [800, operation.write],
  [400, operation.hide],
  [300, operation.swap],
  [500, operation.temporary],
  [200, operation.frames],
  [100, ({ mirror }) => mirror.mutator.safepoint()],
  [4, operation.big],
  [1, operation.humongous],
  [5, operation.chain],
  [2, operation.pin],
  [2, operation.rest],
  [2, operation.dropNode],
];
const TOTAL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0);
/** Free regions of the model that no single operation uses up, with every thread in one. */
const MODEL_RESERVE = 16;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

class StressProgram {
  private operations = 0;
  private outOfMemory = 0;
  private readonly meeting: Meeting;
  private readonly random: Random;
  private readonly heap: Heap;
  private readonly model: ModelHeap;
  private graph: StressGraph;

  constructor(private readonly task: StressTask) {
    this.meeting = new Meeting(task.meeting);
    this.random = new Random(task.seed + 7919 * task.program);
    this.heap = Heap.attach(task.heap);
    this.model = ModelHeap.attach(task.model);
    this.graph = this.attach();
  }

  run(): StressResult {
    while (!this.meeting.stopped) {
      if (this.operations % 64 === 0 && this.model.freeRegions < MODEL_RESERVE) {
        this.graph.mirror.mutator.parked(() => this.meeting.need());
      }
      if (this.meeting.called) {
        this.graph.mirror.mutator.parked(() => this.meeting.attend());
        if (this.meeting.told > this.task.pressureMiB) operation.relieve(this.graph);
      }
      this.step();
      this.operations++;
    }
    this.detach();
    return { operations: this.operations, outOfMemory: this.outOfMemory };
  }

  private step(): void {
    try {
      if (this.random.chance(0.01)) this.share();
      else if (this.random.chance(0.00005)) this.comeBack();
      else this.choose()(this.graph);
    } catch (error) {
      if (error instanceof MirrorMismatch) this.hearOfTheHeap();
      if (!(error instanceof OutOfMemoryError)) throw error;
      this.outOfMemory++;
      operation.relieve(this.graph);
    }
  }

  /** What a program reads of a heap that was given up is no mistake: then this throws what the heap has to say. */
  private hearOfTheHeap(): void {
    const { mutator } = this.graph.mirror;
    mutator.parked(() => Atomics.wait(sleeper, 0, 0, 20));
    mutator.safepoint();
  }

  private choose(): operation.Operation {
    let at = this.random.below(TOTAL);
    for (const [weight, chosen] of WEIGHTS) {
      at -= weight;
      if (at < 0) return chosen;
    }
    throw new RangeError('the weights do not add up');
  }

  private share(): void {
    const { graph, meeting } = this;
    if (!meeting.tryLock() && !graph.mirror.mutator.parked(() => meeting.lock())) return;
    graph.locked = true;
    try {
      operation.share(graph);
    } finally {
      graph.locked = false;
      meeting.unlock();
    }
  }

  /** Leaves the heap and joins it again: what hung on its stack is gone, the table is found by its global. */
  private comeBack(): void {
    this.detach();
    this.graph = this.attach();
  }

  private detach(): void {
    const { mirror } = this.graph;
    mirror.leave(0);
    mirror.mutator.detach();
  }

  private attach(): StressGraph {
    const mutator = Mutator.attach(this.heap);
    const mirror = new Mirror(mutator, new ModelMutator(this.model, mutator.index));
    const graph = new StressGraph(mirror, this.random, this.task.program);
    graph.adopt();
    return graph;
  }
}

runProgram((task: StressTask) => new StressProgram(task).run());
