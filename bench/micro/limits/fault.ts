/**
 * From a mutator's fault to its going on, the page being READY: nothing is built, only the publishing is left. The
 * mutator is a thread of its own and does what the bare program's does; see fault-thread.ts.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { percentile } from '../../statistics/sample.js';
import type { Pair } from '../comparison.js';
import { Arena } from './arena.js';
import type { DeliveryKind, RunningDelivery } from './deliveries.js';
import type { FaultTask } from './fault-thread.js';
import { measureLimit, type Placement, pinThreads } from './program.js';

const answerMs = 60_000;
/** Rounds before the first that counts: V8 compiles both ends meanwhile. */
const warmUps = 2;

export class FaultBench {
  /** Rejects when the mutator dies; otherwise pending. */
  private readonly died: Promise<never>;
  private readonly exited: Promise<void>;
  /** Kernel thread id of the mutator. */
  private thread = 0;

  private constructor(
    private readonly kind: DeliveryKind,
    private readonly arena: Arena,
    private readonly delivery: RunningDelivery,
    private readonly mutator: Worker,
  ) {
    this.exited = new Promise((resolve) => mutator.once('exit', () => resolve()));
    this.died = new Promise((_, reject) => mutator.once('error', reject));
    this.died.catch(() => {}); // whoever races it hears of it
  }

  static async open(kind: DeliveryKind, resolution: string, pages: number): Promise<FaultBench> {
    const arena = new Arena(resolution, pages, kind.name);
    const delivery = await kind.start(arena.heap, resolution).catch((error) => {
      arena.close();
      throw error;
    });
    const task: FaultTask = { heap: arena.heap.handle, first: arena.first, pages };
    const mutator = new Worker(new URL('./fault-thread.js', import.meta.url), { workerData: task });
    const bench = new FaultBench(kind, arena, delivery, mutator);
    try {
      return await bench.warmUp();
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  /** One pair for each placement. */
  pairs(): readonly Pair[] {
    const { kind, arena } = this;
    return kind.placements.map((placement) => ({
      name: `fault, ${kind.name} + ${arena.resolution}${placementName(kind, placement)}`,
      unit: 'ns',
      bare: () => {
        const sizes = { pages: arena.pages, rounds: 1, pin: placement };
        const { p50, p99 } = measureLimit(`fault.${kind.name}.${arena.resolution}`, sizes);
        return { p50, p99 };
      },
      ours: async () => {
        pinThreads(this.thread, this.delivery.server ?? this.thread, placement);
        await this.round(); // as the bare program does, once without counting
        const took = await this.round();
        return { p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
      },
    }));
  }

  /** Also after a failure: nobody is left in a fault. */
  async close(): Promise<void> {
    const { mutator, delivery, arena } = this;
    await delivery.stop();
    arena.heap.space.disarm();
    mutator.postMessage('leave');
    await this.exited;
    arena.close();
  }

  private async warmUp(): Promise<this> {
    this.thread = (await this.answer()) as number;
    for (let i = 0; i < warmUps; i++) await this.round();
    return this;
  }

  /** Times of all accesses, ns. */
  private async round(): Promise<number[]> {
    this.arena.rearm();
    this.mutator.postMessage('touch');
    return [...((await this.answer()) as Float64Array)];
  }

  /** The mutator's next message. */
  private async answer(): Promise<number | Float64Array> {
    const seconds = answerMs / 1000;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the mutator was not back from its faults in ${seconds} s`)), answerMs);
    });
    const message = once(this.mutator, 'message');
    message.catch(() => {}); // the race may be over before
    try {
      const [value] = await Promise.race([message, this.died, this.delivery.failed, late]);
      return value as number | Float64Array;
    } finally {
      clearTimeout(timer);
    }
  }
}

function placementName({ placements }: DeliveryKind, placement: Placement): string {
  if (placements.length === 1) return '';
  return placement === 'apart' ? ', cores apart' : ', one core';
}
