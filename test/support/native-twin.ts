import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { Mapping, Memfd } from '../../native/memory.js';
import { type OpenOptions, Userfaultfd } from '../../native/userfaultfd.js';

export const PAGE = 4096;
export const PAGES = 16;
export const BYTES = PAGES * PAGE;

/** A memfd mapped twice, the view armed for missing and minor faults, nothing mapped there. */
export class Twin {
  readonly memfd = Memfd.create(BYTES);
  readonly workspace = Mapping.shared(this.memfd);
  readonly view = Mapping.shared(this.memfd);
  readonly bytes = new Uint8Array(this.workspace.buffer);
  readonly userfaultfd: Userfaultfd;

  constructor(options: OpenOptions = { features: ['THREAD_ID', 'MINOR_SHMEM'] }) {
    this.userfaultfd = Userfaultfd.open(options);
    this.userfaultfd.register(this.view, 0, BYTES, { missing: true, minor: true });
  }

  /** Pages [from, to) of the memfd hold their own number plus one. */
  fill(from = 0, to = PAGES): this {
    for (let page = from; page < to; page++) this.bytes.fill(page + 1, page * PAGE, (page + 1) * PAGE);
    return this;
  }

  message(timeoutMs = 3000): number[] {
    const into = new Float64Array(4);
    assert.is(this.userfaultfd.read(into, timeoutMs), 1);
    return [...into];
  }

  close(): void {
    for (const thing of [this.userfaultfd, this.memfd, this.workspace, this.view]) thing.close();
  }
}

/** Waits until the thread sleeps, as it does in a fault: one that was preempted on its way there would still run. */
export async function untilAsleep(thread: number): Promise<void> {
  for (let asleep = 0; asleep < 2; ) {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    asleep = stat.slice(stat.lastIndexOf(')') + 2).startsWith('R') ? 0 : asleep + 1;
    await new Promise((go) => setTimeout(go, 20));
  }
}
