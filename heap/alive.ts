/**
 * What everybody who waits looks at, so that nobody waits for ever: whether the heap can still go on, and whether there
 * is a collector that could end the wait.
 */
import { threadId } from '../native/index.js';
import { Control, REASON_BYTES } from './control.js';
import { HeapError } from './errors.js';

/** Throws HeapError 'corrupt' once the heap cannot go on. */
export function checkAlive(control: Int32Array): void {
  if (Atomics.load(control, Control.FATAL) !== 0) {
    throw new HeapError('corrupt', `the collector gave up on this heap: ${reasonOf(control)}`);
  }
}

/** The heap cannot go on, because of `reason`: the first that is given stays, for every thread to read. */
export function giveUp(control: Int32Array, code: number, reason: string): void {
  const { FATAL, REASON } = Control;
  if (reason !== '' && Atomics.compareExchange(control, REASON, 0, -1) === 0) {
    const text = Buffer.from(reason.split('\n', 1)[0]!).subarray(0, REASON_BYTES);
    reasonBytes(control).set(text);
    Atomics.store(control, REASON, text.length);
  }
  Atomics.compareExchange(control, FATAL, 0, code);
}

function reasonOf(control: Int32Array): string {
  const length = Atomics.load(control, Control.REASON);
  if (length <= 0) return 'its own message says why';
  return Buffer.from(reasonBytes(control).subarray(0, length)).toString(); // a copy: what is shared cannot be decoded
}

/** The last bytes of the control words. */
function reasonBytes({ buffer, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteLength - REASON_BYTES, REASON_BYTES);
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
