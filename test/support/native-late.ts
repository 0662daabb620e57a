/** Only a worker loads the addon, and ends; then the main thread loads it and uses what the worker made. */
import { Worker } from 'node:worker_threads';

const worker = new Worker(new URL('./native-maker.js', import.meta.url));
const ended = new Promise((resolve) => worker.once('exit', resolve));
const made = await new Promise<{ mapping: number }>((resolve, reject) => {
  worker.once('message', resolve).once('error', reject);
});
await ended;
const { Mapping } = await import('../../native/memory.js');
process.stdout.write(String(new Uint8Array(Mapping.attach(made.mapping).buffer)[0]));
