/** A worker that reads a userfaultfd until it is interrupted, and posts what read() answered and how long it took. */
import { parentPort, workerData } from 'node:worker_threads';
import { Userfaultfd } from '../../native/userfaultfd.js';

const userfaultfd = Userfaultfd.attach(workerData.userfaultfd);
parentPort!.postMessage({ ready: true });
const began = performance.now();
const count = userfaultfd.read(new Float64Array(4), 5000);
parentPort!.postMessage({ count, ms: performance.now() - began });
