/**
 * Which mutators this very thread has asked to stop: the collector's thread does other things while it waits for one of
 * them, and whatever it does then must not wait for itself. A thread that found POLL raised by itself would sleep for ever.
 */
import { HeapError } from './errors.js';

/** By the control words of a heap: the numbers of its mutators, one for each time it has asked. */
const raised = new Map<ArrayBufferLike, number[]>();

export function raise(control: Int32Array, mutator: number): void {
  const mutators = raised.get(control.buffer);
  if (mutators === undefined) raised.set(control.buffer, [mutator]);
  else mutators.push(mutator);
}

export function lower(control: Int32Array, mutator: number): void {
  const mutators = raised.get(control.buffer);
  if (mutators === undefined) return;
  const at = mutators.lastIndexOf(mutator);
  if (at >= 0) mutators.splice(at, 1);
  if (mutators.length === 0) raised.delete(control.buffer);
}

/** Whether this thread would wait for itself if it waited until nobody wants `mutator` stopped. */
export function raisedHere(control: Int32Array, mutator: number): boolean {
  return raised.get(control.buffer)?.includes(mutator) ?? false;
}

/** Throws HeapError 'safepoint' where that is so. */
export function checkNotRaisedHere(control: Int32Array, mutator: number): void {
  if (!raisedHere(control, mutator)) return;
  throw new HeapError(
    'safepoint',
    'this thread runs the collector, which is waiting for its mutators: a mutator of its own has to be parked whenever ' +
      'it awaits something, and others attach in a later turn of the event loop',
  );
}
