/**
 * A mutator that does nothing but fault: one word of every page, in random order, each access between two readings of
 * the clock, whose own cost (the median of two readings with nothing between them) is subtracted.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator } from '../../../heap/index.js';
import { monotonicNs, threadId } from '../../../native/index.js';
import { below, nextRandom, seedState } from '../../random.js';
import { median } from '../../statistics/sample.js';
import { WORDS_A_PAGE } from './arena.js';

export interface FaultTask {
  readonly heap: HeapHandle;
  readonly first: number;
  readonly pages: number;
}

const { heap: handle, first, pages } = workerData as FaultTask;
// A mutator and not only a thread: a delivery may have to prepare the threads that attach.
const mutator = Mutator.attach(handle);
const { heap } = mutator;
const order = randomOrder();
const clock = clockCost();
parentPort!.postMessage(threadId());
parentPort!.on('message', (what: 'touch' | 'leave') => {
  if (what === 'touch') {
    parentPort!.postMessage(touchAll(heap.view(heap.bank)));
    return;
  }
  mutator.detach();
  parentPort!.close();
});

function touchAll(words: Int32Array): Float64Array {
  const took = new Float64Array(pages);
  let sum = 0;
  for (let i = 0; i < pages; i++) {
    const word = order[i] * WORDS_A_PAGE;
    const began = monotonicNs();
    sum += words[word];
    took[i] = monotonicNs() - began - clock;
  }
  // Every page has its own number written on it.
  if (sum !== pages * first + (pages * (pages - 1)) / 2) throw new Error('pages came that were not right');
  return took;
}

function randomOrder(): Uint32Array {
  const shuffled = Uint32Array.from({ length: pages }, (_, i) => first + i);
  let state = seedState(1);
  for (let left = pages; left > 1; left--) {
    state = nextRandom(state);
    const other = below(state, left);
    [shuffled[left - 1], shuffled[other]] = [shuffled[other], shuffled[left - 1]];
  }
  return shuffled;
}

function clockCost(): number {
  const costs = Array.from({ length: 10_001 }, () => {
    const began = monotonicNs();
    return monotonicNs() - began;
  });
  return median(costs);
}
