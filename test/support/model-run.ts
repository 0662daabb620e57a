/** A collector at work on a heap and, beside it, the model: programs in threads of their own do the same to both. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import {
  Collector,
  type CollectorOptions,
  createHeap,
  digestGraph,
  type HeapChoices,
  HeapGraph,
} from '../../gc/index.js';
import { Control, type Delivery, defaultShape, FlipWord, type Heap, type HeapHandle } from '../../heap/index.js';
import { collectModel, type ModelHandle, ModelHeap, modelShape } from '../model/index.js';
import { Meeting, type MeetingHandle } from './meeting.js';

const MIB = 2 ** 20;

export interface ModelRunOptions {
  readonly heapMiB: number;
  /** The model collects at meetings only: it needs room for what is allocated between two. */
  readonly modelMiB: number;
  readonly programs: number;
  /** Places for mutators beside those of the programs; none unless said. */
  readonly places?: number;
  readonly minorOnly?: boolean;
  /** 4 KiB, unless said. */
  readonly pageBytes?: number;
  /** The generation that the heap's pages begin with. */
  readonly generation?: number;
  readonly choices?: HeapChoices;
  readonly collector: Pick<CollectorOptions, 'resolution' | 'flip'> & Partial<CollectorOptions>;
}

/** What a program is told, besides what is its own. */
export interface ProgramTask {
  readonly heap: HeapHandle;
  readonly model: ModelHandle;
  readonly meeting: MeetingHandle;
}

export class ModelRun<Result> {
  readonly meeting = new Meeting();
  readonly model: ModelHeap;
  meetings = 0;
  private results: Promise<Result[]> = Promise.resolve([]);

  private constructor(
    readonly heap: Heap,
    readonly collector: Collector,
    private readonly options: ModelRunOptions,
  ) {
    const { regionBytes, granulesPerRegion, granulesPerPage } = heap.layout;
    const shape = modelShape((options.modelMiB * MIB) / regionBytes, granulesPerRegion, granulesPerPage);
    this.model = ModelHeap.create(shape, heap.layout.mutators);
  }

  /** Starts the collector, and `programs` threads that run `script` and post their result. */
  static async start<Result>(
    options: ModelRunOptions,
    script: URL,
    task: (program: number) => object,
    inspect?: (heap: Heap) => void,
  ): Promise<ModelRun<Result>> {
    const { resolution, flip, delivery = 'handler' } = options.collector;
    const shape = defaultShape(options.heapMiB * MIB, options.programs + (options.places ?? 0), options.pageBytes);
    const heap = createHeap(shape, resolution, flip, {
      ...options.choices,
      delivery: delivery as Delivery,
      minorOnly: options.minorOnly ?? false,
    });
    Atomics.store(heap.control, Control.GENERATION, options.generation ?? 1);
    Atomics.store(heap.meta.flip, FlipWord.GENERATION, options.generation ?? 1);
    const collector = new Collector(heap, {
      workers: 2,
      keepRecords: Number.POSITIVE_INFINITY,
      ...options.collector,
      delivery,
      ...(inspect && { inspect: () => inspect(heap) }),
    });
    await collector.start();
    const run = new ModelRun<Result>(heap, collector, options);
    const shared: ProgramTask = { heap: heap.handle, model: run.model.handle, meeting: run.meeting.handle };
    run.results = Promise.all(
      Array.from({ length: options.programs }, async (_, program) => {
        const worker = new Worker(script, { workerData: { ...shared, ...task(program) } });
        const exit = once(worker, 'exit'); // before the message is waited for: both may come at once
        const [result] = (await Promise.race([once(worker, 'message'), failOn(exit)])) as [Result];
        await exit;
        return result;
      }),
    );
    run.results.catch(() => undefined); // whoever waits for something hears of it: see during()
    return run;
  }

  /** Waits for `work`, or fails with a program that fails meanwhile. */
  during<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.results.then(() => Promise.reject(new Error('a program ended too early')))]);
  }

  /** A cycle with the programs running. */
  async cycle(): Promise<void> {
    await this.during(this.collector.collect());
  }

  /** All programs stand still: compares, collects the model (and the heap, if asked), and compares again. */
  async meet(collect = false): Promise<void> {
    await this.during(
      this.meeting.hold(this.options.programs, async () => {
        await this.compare();
        this.meeting.tell((8 * collectModel(this.model)) / MIB);
        if (collect) await this.collector.collect();
        await this.compare();
      }),
    );
    this.meetings++;
  }

  /** Ends the programs, then the collector. The heap is still there to be looked at. */
  async finish(): Promise<Result[]> {
    this.meeting.stop();
    const results = await this.results;
    await this.collector.stop();
    return results;
  }

  /** After a failure: ends what can be ended, and returns the error that says most. */
  async abandon(error: unknown): Promise<unknown> {
    this.meeting.stop();
    await this.results.catch(() => undefined);
    await this.collector.stop().catch(() => undefined);
    return this.collector.error ?? error;
  }

  private async compare(): Promise<void> {
    // A cycle that allocation asked for may be under way; everything but its compaction leaves the graph to be read.
    while (Atomics.load(this.heap.control, Control.COMPACTING) !== 0) await new Promise((soon) => setTimeout(soon, 1));
    const found = digestGraph(new HeapGraph(this.heap));
    const wanted = digestGraph(this.model);
    const when = `at meeting ${this.meetings + 1}, after ${this.collector.records.length} cycles`;
    assert.equal(found, wanted, `the heap's graph ${when} is not the model's: ${JSON.stringify({ found, wanted })}`);
  }
}

/** Rejects when a thread ends, for who waits for something else of it. */
async function failOn(exit: Promise<unknown>): Promise<never> {
  await exit;
  throw new Error('a program ended without a result');
}
