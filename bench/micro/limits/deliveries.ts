/** How faults get resolved while a benchmark takes them: one entry for each delivery that a heap can do. */
import { DELIVERIES as COLLECTOR } from '../../../gc/index.js';
import { Control, type Delivery, type Heap } from '../../../heap/index.js';
import type { Placement } from './program.js';

/** A delivery at work on one heap. */
export interface RunningDelivery {
  /** Kernel thread id of who resolves the mutator's faults; null where that is the mutator. */
  readonly server: number | null;
  /** Rejects when the delivery fails; otherwise pending. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

export interface DeliveryKind {
  readonly name: Delivery;
  /** Placements of mutator and server that make a difference. */
  readonly placements: readonly Placement[];
  start(heap: Heap, resolution: string): Promise<RunningDelivery>;
}

const handler: DeliveryKind = {
  name: 'handler',
  placements: ['apart', 'together'],
  async start(heap, resolution) {
    const servers = COLLECTOR.handler!.create(heap, { resolution, servers: 1, firstSlot: 1, firstOwner: 0 });
    let fail: (error: Error) => void = () => {};
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    failed.catch(() => {}); // whoever races it hears of it
    await servers.start(fail);
    const stop = () => servers.stop();
    try {
      return { server: await Promise.race([serverThread(heap), failed]), failed, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  },
};

/** The mutator resolves its faults itself: nothing runs beside it. */
const signal: DeliveryKind = {
  name: 'signal',
  placements: ['together'],
  start: async () => ({ server: null, failed: new Promise<never>(() => {}), stop: async () => {} }),
};

const startMs = 20_000;

/** The server says its thread id when it begins to serve. */
async function serverThread({ control }: Heap): Promise<number> {
  for (const end = performance.now() + startMs; performance.now() < end; ) {
    const thread = Atomics.load(control, Control.SERVERS);
    if (thread !== 0) return thread;
    await new Promise((soon) => setTimeout(soon, 5));
  }
  throw new Error(`the fault server did not begin within ${startMs / 1000} s`);
}

/** Every delivery there is: one line each. */
export const DELIVERIES: Readonly<Record<string, DeliveryKind>> = { handler, signal };
