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

/** Whether `value` has not come after a while. */
export async function isAsleep(value: Promise<number>, ms = 40): Promise<boolean> {
  return Promise.race([value.then(() => false), new Promise<boolean>((go) => setTimeout(() => go(true), ms))]);
}
