/** How every bulk ioctl of this project goes on: over partial progress, over pages that are there already. */
import { errorCode } from '../../native/index.js';

const EEXIST = 17;
const EAGAIN = 11;

export interface MapRun {
  readonly pages: number;
  readonly pageBytes: number;
  /** Maps pages from number `done` of the run on: bytes mapped, or -errno of the first. */
  readonly attempt: (done: number) => number;
  /** Page number `done` was mapped by somebody else, which is success. */
  readonly exists: (done: number) => void;
}

/** Maps the whole run. Returns the pages that this call mapped. Throws an Error that names the errno. */
export function mapRun({ pages, pageBytes, attempt, exists }: MapRun): number {
  let mapped = 0;
  for (let done = 0; done < pages; ) {
    const result = attempt(done);
    if (result > 0) {
      done += result / pageBytes;
      mapped += result / pageBytes;
    } else if (result === -EEXIST) {
      exists(done++);
    } else if (result !== -EAGAIN) {
      throw new Error(`page ${done} of ${pages} could not be mapped: ${errorCode(-result)}`);
    }
  }
  return mapped;
}
