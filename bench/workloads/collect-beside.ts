/** A collection asked for by a program that goes on meanwhile, a little. */
import { Control, type Mutator } from '../../heap/index.js';

/** Time between two looks at the heap while the collection runs, ms. */
const lookMs = 1;
/** Looks after which a collection that has not begun is asked for again. */
const looksPerRequest = 100;

const timer = new Int32Array(new SharedArrayBuffer(4));

/**
 * Asks for a collection and waits for its end. Meanwhile it calls `look` once a millisecond, little enough not to be in
 * the collector's way, so that mutators are seen to run beside it: most looks touch a page that is not ready yet.
 */
export function collectBeside(mutator: Mutator, look: () => void): void {
  const { control } = mutator.heap;
  const begun = Atomics.load(control, Control.CYCLE);
  // With several mutators one that comes late takes the collection that another asked for.
  const wanted = begun === Atomics.load(control, Control.COLLECTIONS) ? begun + 1 : begun;
  for (let looks = 0; Atomics.load(control, Control.COLLECTIONS) < wanted; looks++) {
    if (looks % looksPerRequest === 0 && Atomics.load(control, Control.CYCLE) < wanted) mutator.requestCollection();
    mutator.parked(() => Atomics.wait(timer, 0, 0, lookMs));
    look();
  }
}
