/**
 * What everybody who waits looks at, so that nobody waits for ever: whether the heap can still go on, and whether there
 * is a collector that could end the wait.
 */
import { threadId } from '../native/index.js';
import { Control } from './control.js';
import { HeapError } from './errors.js';

/** Throws HeapError 'corrupt' once the heap cannot go on. */
export function checkAlive(control: Int32Array): void {
  if (Atomics.load(control, Control.FATAL) !== 0) {
    throw new HeapError('corrupt', 'the collector gave up on this heap; its own message says why');
  }
}

/** Throws HeapError 'no-collector' where waiting for a collection would never end. */
export function checkCollector(control: Int32Array): void {
  checkAlive(control);
  const collector = Atomics.load(control, Control.COLLECTOR);
  if (collector === 0) {
    throw new HeapError('no-collector', 'no collector runs for this heap, so nothing will be freed: start one first');
  }
  if (collector === threadId()) {
    throw new HeapError(
      'no-collector',
      'this thread runs the collector, which cannot work while the thread waits: use `await mutator.parked(() => collector.collect())`',
    );
  }
}
