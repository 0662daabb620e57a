/** How every bulk ioctl of this project goes on: over partial progress, over pages that are there already. */
import { errorCode } from '../../native/index.js';
import { Patience } from '../patience.js';

const EEXIST = 17;
const EAGAIN = 11;
const EBUSY = 16;
/** Refusals of a run that another attempt follows at once. */
const AT_ONCE = 100;
/** After those an attempt is made each millisecond, for so long. */
const PATIENCE_MS = 5000;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

export interface MapRun {
  readonly pages: number;
  readonly pageBytes: number;
  /** Maps pages from number `done` of the run on: bytes mapped, or -errno of the first. */
  readonly attempt: (done: number) => number;
  /** Page number `done` was mapped by somebody else, which is success. */
  readonly exists: (done: number) => void;
}

/**
 * Maps the whole run. Returns the pages that this call mapped. Throws an Error that names the errno, for those that
 * pass (EAGAIN: the address space is changing; EBUSY: a page to be moved is a child's as well) after some seconds.
 */
export function mapRun({ pages, pageBytes, attempt, exists }: MapRun): number {
  let mapped = 0;
  let refusals = 0;
  let patience = new Patience(PATIENCE_MS);
  for (let done = 0; done < pages; ) {
    const result = attempt(done);
    if (result > 0) {
      done += result / pageBytes;
      mapped += result / pageBytes;
    } else if (result === -EEXIST) {
      exists(done++);
    } else {
      if (result !== -EAGAIN && result !== -EBUSY) {
        throw new Error(`page ${done} of ${pages} could not be mapped: ${errorCode(-result)}`);
      }
      if (++refusals < AT_ONCE) continue;
      if (refusals === AT_ONCE) patience = new Patience(PATIENCE_MS);
      else if (patience.isOver) throw new Error(refused(done, pages, -result));
      Atomics.wait(sleeper, 0, 0, 1);
      continue;
    }
    refusals = 0;
  }
  return mapped;
}

function refused(done: number, pages: number, errno: number): string {
  const why = errno === EBUSY ? ', because it is shared with a child process or pinned' : '';
  return `page ${done} of ${pages} could not be mapped: ${errorCode(errno)} for ${PATIENCE_MS / 1000} s${why}`;
}
