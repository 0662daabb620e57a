/** A worker that uses, as fast as it can, what the main thread opens and closes under its feet; stops at `stop`. */
import { parentPort, workerData } from 'node:worker_threads';
import { ClosedError } from '../../native/errors.js';
import { Mapping } from '../../native/memory.js';
import { Userfaultfd } from '../../native/userfaultfd.js';

/** shared[0] and shared[1] are the ids of a mapping and a userfaultfd, shared[2] is not 0 when it is time to stop. */
const shared: Float64Array = workerData.shared;
const into = new Float64Array(16);
let uses = 0;
const unexpected: string[] = [];

while (shared[2] === 0) {
  try {
    const mapping = Mapping.attach(shared[0]!);
    const userfaultfd = Userfaultfd.attach(shared[1]!);
    for (let i = 0; i < 20; i++) {
      const result = userfaultfd.tryContinue(mapping, 0, mapping.pageSize);
      if (![mapping.pageSize, -9, -17, -2, -14].includes(result)) unexpected.push(`tryContinue ${result}`);
      if (userfaultfd.read(into, 0) < 0) break;
    }
    mapping.advise(0, mapping.pageSize, 'dontneed');
    if (uses++ % 8 === 0) mapping.renew();
    if (new Uint8Array(mapping.buffer, 0, 0).length !== 0) unexpected.push('a view has a length');
  } catch (error) {
    if (!(error instanceof ClosedError)) unexpected.push(String(error));
  }
}
parentPort!.postMessage({ uses, unexpected: unexpected.slice(0, 5) });
