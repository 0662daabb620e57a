/** One round from its settings: its heap is made, used, compared and closed. */
import { Heap, HUGE_PAGE_BYTES } from '../../heap/index.js';
import { reserveHugePages } from '../support/huge-pages.js';
import { Injector } from './injections.js';
import { type Outcome, skipped } from './outcome.js';
import type { RoundSettings } from './settings.js';
import type { Stage } from './stage.js';
import { runStressRound } from './stress-round.js';
import { runWorkloadRound } from './workload-round.js';

const MIB = 2 ** 20;

/** Throws at the first thing that is not as it must be; the heap is left as it is then. `onCycle`: after each cycle. */
export async function runRound(settings: RoundSettings, stage: Stage, onCycle = () => {}): Promise<Outcome> {
  const { program, pageBytes } = settings;
  if (pageBytes === HUGE_PAGE_BYTES) {
    const why = reserveHugePages((program.heapMiB * MIB) / pageBytes + 2);
    if (why !== '') return skipped(`pages of 2 MiB: ${why}`);
  }
  const injector = new Injector(settings.injection);
  const run = program.kind === 'stress' ? runStressRound : runWorkloadRound;
  const outcome = await run(settings, stage, injector, () => {
    injector.replenish();
    onCycle();
  });
  close(stage.heap!, settings);
  stage.heap = null;
  stage.collector = null;
  return outcome;
}

/** And nobody opens it again: its memory and its kernels are forgotten. */
function close(heap: Heap, { leak }: RoundSettings): void {
  const { handle } = heap;
  if (leak) return;
  heap.close();
  try {
    Heap.attach(handle);
  } catch {
    return;
  }
  throw new Error('a heap that was closed can still be attached to');
}
