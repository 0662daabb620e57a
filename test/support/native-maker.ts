/**
 * A worker that makes memory (and, with `attach`, looks at a userfaultfd of somebody else's), posts the ids, and ends.
 * What it made has to outlive it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Mapping, Memfd } from '../../native/memory.js';
import { Userfaultfd } from '../../native/userfaultfd.js';

const memfd = Memfd.create(65536, { name: 'continuum-maker' });
const mapping = Mapping.shared(memfd);
new Uint8Array(mapping.buffer).fill(42);
if (workerData?.attach) Userfaultfd.attach(workerData.attach);
parentPort!.postMessage({ memfd: memfd.id, mapping: mapping.id });
