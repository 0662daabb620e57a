import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ClosedError, UnavailableError, UserfaultfdError } from '../../native/errors.js';
import { Mapping, Memfd } from '../../native/memory.js';
import {
  ALLOW_SRC_HOLES,
  DONTWAKE,
  EVENT_PAGEFAULT,
  EVENT_REMOVE,
  FAULT_MINOR,
  FAULT_WP,
  FAULT_WRITE,
  type OpenOptions,
  Userfaultfd,
} from '../../native/userfaultfd.js';
import { startToucher } from '../support/native-toucher.js';

const PAGE = 4096;
const PAGES = 16;
const BYTES = PAGES * PAGE;
const { EEXIST, EFAULT, EINVAL, ENOENT, ERANGE, EBADF, EAGAIN } = constants.errno;

/** A memfd mapped twice, the view armed for missing and minor faults, nothing mapped there. */
class Twin {
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

async function isAsleep(value: Promise<number>, ms = 40): Promise<boolean> {
  return Promise.race([value.then(() => false), new Promise<boolean>((go) => setTimeout(() => go(true), ms))]);
}

function simulate<T>(what: string, body: () => T): T {
  process.env.CONTINUUM_SIMULATE = what;
  try {
    return body();
  } finally {
    delete process.env.CONTINUUM_SIMULATE;
  }
}

test('open says how it opened, and has what was asked for', () => {
  const offer = Userfaultfd.offered();
  assert.ok(offer.features.includes('MINOR_SHMEM') && offer.ioctls === 3);
  const optional = ['MOVE', 'WP_ASYNC'] as const;
  const userfaultfd = Userfaultfd.open({ features: ['THREAD_ID'], optional });
  assert.is(userfaultfd.openedBy, offer.openedBy);
  assert.ok(userfaultfd.features.has('THREAD_ID'));
  for (const name of optional) assert.is(userfaultfd.features.has(name), offer.features.includes(name));
  assert.is(Userfaultfd.attach(userfaultfd.id), userfaultfd);
  userfaultfd.close();
  const restricted = Userfaultfd.open({ userModeOnly: true });
  assert.is(restricted.openedBy, 'UFFD_USER_MODE_ONLY');
  assert.ok(restricted.userModeOnly);
  restricted.close();
});

test('where there is no userfaultfd, the error says why for each way', () => {
  const lines = (what: string, options: OpenOptions = {}): readonly string[] =>
    simulate(what, () => {
      try {
        Userfaultfd.open(options).close();
      } catch (error) {
        assert.instance(error, UnavailableError);
        return (error as UnavailableError).reasons;
      }
      return [];
    });
  assert.is(lines('no-userfaultfd').length, 3);
  assert.match(lines('no-userfaultfd')[0]!, /ENOSYS.*CONFIG_USERFAULTFD/);
  assert.match(lines('not-permitted')[0]!, /EPERM.*vm\.unprivileged_userfaultfd=1/);
  assert.match(lines('not-permitted')[1]!, /EACCES.*chmod/);
  assert.match(lines('not-permitted')[2]!, /EPERM.*seccomp/);
  assert.is(lines('not-permitted', { userModeOnly: true }).length, 1);
  assert.is(lines('user-mode').length, 0);
  assert.is(lines('user-mode', { userModeOnly: false }).length, 2);
  assert.is(lines('no-minor').length, 0);
  assert.match(lines('no-minor', { features: ['MINOR_SHMEM'] })[0]!, /MINOR_SHMEM: came with Linux 5\.14/);
  assert.throws(() => Userfaultfd.open({ features: ['NONSENSE' as never] }), TypeError);
});

test('a minor fault of a worker is resolved by CONTINUE', async () => {
  const twin = new Twin().fill();
  const { ready, value } = startToucher({ mapping: twin.view.id, offset: 3 * PAGE + 5, write: 200 });
  const thread = await ready;
  assert.equal(twin.message(), [EVENT_PAGEFAULT, FAULT_WRITE | FAULT_MINOR, twin.view.address + 3 * PAGE, thread]);
  assert.is(twin.userfaultfd.continue(twin.view, 3 * PAGE, PAGE), PAGE);
  assert.is(await value, 200);
  assert.is(twin.bytes[3 * PAGE + 5], 200);
  assert.is(twin.bytes[3 * PAGE + 6], 4);
  twin.close();
});

test('a fault on a hole is resolved by writing the other mapping and CONTINUE', async () => {
  const twin = new Twin();
  const { ready, value } = startToucher({ mapping: twin.view.id, offset: PAGE });
  await ready;
  assert.equal(twin.message().slice(0, 3), [EVENT_PAGEFAULT, 0, twin.view.address + PAGE]);
  assert.is(twin.userfaultfd.tryContinue(twin.view, PAGE, PAGE), -EFAULT);
  twin.fill(1, 2).userfaultfd.continue(twin.view, PAGE, PAGE);
  assert.is(await value, 2);
  twin.close();
});

test('registered for minor faults only, a hole is filled with zeros and nobody is told', async () => {
  const twin = new Twin();
  twin.userfaultfd.unregister(twin.view, 0, BYTES);
  twin.userfaultfd.register(twin.view, 0, BYTES, { minor: true });
  const { value } = startToucher({ mapping: twin.view.id, offset: PAGE });
  assert.is(await value, 0);
  assert.is(twin.userfaultfd.read(new Float64Array(4), 0), 0);
  twin.close();
});

test('DONTWAKE and EEXIST leave a thread asleep; wake() wakes it', async () => {
  const twin = new Twin().fill();
  const { ready, value } = startToucher({ mapping: twin.view.id, offset: 0 });
  await ready;
  twin.message();
  assert.is(twin.userfaultfd.tryContinue(twin.view, 0, PAGE, DONTWAKE), PAGE);
  assert.is(await isAsleep(value), true);
  assert.is(twin.userfaultfd.tryContinue(twin.view, 0, PAGE), -EEXIST);
  assert.is(await isAsleep(value), true);
  twin.userfaultfd.wake(twin.view, 0, PAGE);
  assert.is(await value, 1);
  twin.close();
});

test('several threads on one page: a message each, one CONTINUE for all', async () => {
  const twin = new Twin().fill();
  const touchers = [0, 1, 2].map((i) => startToucher({ mapping: twin.view.id, offset: i }));
  const threads = await Promise.all(touchers.map(({ ready }) => ready));
  const from = new Set<number>();
  for (let i = 0; i < 3; i++) from.add(twin.message()[3]!);
  assert.equal([...from].sort(), threads.sort());
  twin.userfaultfd.continue(twin.view, 0, PAGE);
  assert.equal(await Promise.all(touchers.map(({ value }) => value)), [1, 1, 1]);
  twin.close();
});

test('messages come in batches, as many as there is room for', async () => {
  const twin = new Twin().fill();
  const touchers = [0, 1, 2].map((i) => startToucher({ mapping: twin.view.id, offset: i * PAGE }));
  await Promise.all(touchers.map(({ ready }) => ready));
  await isAsleep(Promise.race(touchers.map(({ value }) => value)));
  const into = new Float64Array(9); // room for two and a bit
  assert.is(twin.userfaultfd.read(into, 1000), 2);
  assert.is(into[8], 0);
  assert.is(twin.userfaultfd.read(into, 1000), 1);
  assert.is(twin.userfaultfd.continue(twin.view, 0, BYTES), BYTES);
  assert.equal(await Promise.all(touchers.map(({ value }) => value)), [1, 2, 3]);
  twin.close();
});

test('partial progress: the try form returns the bytes done, the plain form throws with them', () => {
  const twin = new Twin().fill(0, 5).fill(6);
  const { userfaultfd, view } = twin;
  assert.is(userfaultfd.tryContinue(view, 0, BYTES), 5 * PAGE);
  assert.is(userfaultfd.tryContinue(view, 5 * PAGE, BYTES - 5 * PAGE), -EFAULT);
  try {
    userfaultfd.unregister(view, 0, BYTES);
    view.renew();
    userfaultfd.register(view, 0, BYTES, { missing: true, minor: true });
    userfaultfd.continue(view, PAGE, BYTES - PAGE);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UserfaultfdError);
    const { call, code, errno, address, offset, length, done, message } = error as UserfaultfdError;
    assert.equal(
      [call, code, errno, offset, length, done],
      ['UFFDIO_CONTINUE', 'EFAULT', EFAULT, PAGE, 15 * PAGE, 4 * PAGE],
    );
    assert.is(address, view.address + PAGE);
    assert.match(message, /UFFDIO_CONTINUE answered EFAULT for 61440 bytes at offset 4096 .*after 16384 bytes.*hole/);
  }
  assert.is(new Uint8Array(view.buffer)[4 * PAGE], 5); // what was done is done
  twin.close();
});

test('a range that is not registered as one piece answers ENOENT', () => {
  const twin = new Twin().fill();
  const { userfaultfd, view } = twin;
  userfaultfd.unregister(view, 8 * PAGE, BYTES - 8 * PAGE);
  assert.is(userfaultfd.tryContinue(view, 8 * PAGE, PAGE), -ENOENT);
  assert.is(userfaultfd.tryContinue(view, 7 * PAGE, 2 * PAGE), -ENOENT);
  assert.throws(() => userfaultfd.continue(view, 7 * PAGE, 2 * PAGE), /ENOENT.*not all registered/);
  assert.is(userfaultfd.tryContinue(view, 0, 8 * PAGE), 8 * PAGE);
  twin.close();
});

test('what the calls answer on shared memory', () => {
  const { userfaultfd, view, workspace, ...twin } = new Twin().fill(0, 4);
  const calls: readonly [string, (page: number) => number][] = [
    ['copy', (page) => userfaultfd.tryCopy(view, page * PAGE, workspace, 0, PAGE)],
    ['zeropage', (page) => userfaultfd.tryZeropage(view, page * PAGE, PAGE)],
    ['continue', (page) => userfaultfd.tryContinue(view, page * PAGE, PAGE)],
  ];
  const hole = 8;
  const cached = 2;
  assert.is(userfaultfd.tryContinue(view, 0, PAGE), PAGE);
  const answers = calls.map(([name, call], i) => [name, call(hole + i), call(cached), call(0)]);
  assert.equal(answers, [
    ['copy', PAGE, -EEXIST, -EEXIST],
    ['zeropage', PAGE, -EEXIST, -EEXIST],
    ['continue', -EFAULT, PAGE, -EEXIST],
  ]);
  assert.is(twin.bytes[8 * PAGE], 1); // a copy shows in both mappings
  assert.is(userfaultfd.tryMove(view, 12 * PAGE, workspace, 0, PAGE), -EINVAL);
  for (const thing of [userfaultfd, twin.memfd, view, workspace]) thing.close();
});

test('what the calls answer on private memory', () => {
  const userfaultfd = Userfaultfd.open({ optional: ['MOVE', 'POISON'] });
  const from = Mapping.anonymous(BYTES);
  const to = Mapping.anonymous(BYTES);
  new Uint8Array(from.buffer).fill(7);
  assert.throws(() => userfaultfd.register(to, 0, BYTES, { minor: true }), /UFFDIO_REGISTER answered EINVAL.*memfd/);
  const ioctls = userfaultfd.register(to, 0, BYTES, { missing: true });
  assert.is(ioctls & (1 << 3), 1 << 3);
  assert.is(userfaultfd.copy(to, 0, from, 100, 2 * PAGE), 2 * PAGE); // the source need not be aligned
  assert.is(userfaultfd.zeropage(to, 2 * PAGE, 2 * PAGE), 2 * PAGE);
  assert.is(userfaultfd.tryCopy(to, 0, from, 0, PAGE), -EEXIST);
  assert.is(userfaultfd.tryContinue(to, 4 * PAGE, PAGE), -EINVAL);
  assert.throws(() => userfaultfd.copy(to, 0, from, 0, PAGE), /EEXIST.*wake\(\)/);
  assert.equal([...new Uint8Array(to.buffer, 0, 4 * PAGE).filter((_, i) => i % PAGE === 0)], [7, 7, 0, 0]);
  if (userfaultfd.features.has('MOVE')) {
    assert.is(userfaultfd.move(to, 4 * PAGE, from, 4 * PAGE, 4 * PAGE), 4 * PAGE);
    assert.is(new Uint8Array(to.buffer)[7 * PAGE], 7);
    assert.is(new Uint8Array(from.buffer)[12 * PAGE], 7);
    assert.is(userfaultfd.tryMove(to, 8 * PAGE, from, 4 * PAGE, PAGE), -ENOENT); // it has moved away
    assert.is(userfaultfd.tryMove(to, 8 * PAGE, from, 4 * PAGE, 2 * PAGE, ALLOW_SRC_HOLES), 2 * PAGE);
    assert.is(userfaultfd.tryMove(to, 0, from, 12 * PAGE, PAGE), -EEXIST);
  }
  if (userfaultfd.features.has('POISON')) {
    assert.is(userfaultfd.poison(to, 12 * PAGE, PAGE), PAGE);
    assert.is(userfaultfd.tryPoison(to, 0, PAGE), -EEXIST);
  }
  for (const thing of [userfaultfd, from, to]) thing.close();
});

test('a write to a protected page waits until the protection ends', async () => {
  const userfaultfd = Userfaultfd.open({ features: ['PAGEFAULT_FLAG_WP'] });
  const mapping = Mapping.anonymous(BYTES);
  new Uint8Array(mapping.buffer).fill(1);
  userfaultfd.register(mapping, 0, BYTES, { writeProtect: true });
  userfaultfd.writeProtect(mapping, 0, BYTES, true);
  const { ready, value } = startToucher({ mapping: mapping.id, offset: PAGE, write: 2 });
  await ready;
  const into = new Float64Array(4);
  assert.is(userfaultfd.read(into, 3000), 1);
  assert.is(into[1], FAULT_WP | FAULT_WRITE);
  assert.is(new Uint8Array(mapping.buffer)[PAGE], 1);
  userfaultfd.writeProtect(mapping, PAGE, PAGE, false, DONTWAKE);
  assert.is(await isAsleep(value), true);
  userfaultfd.writeProtect(mapping, PAGE, PAGE, false);
  assert.is(await value, 2);
  userfaultfd.close();
  mapping.close();
});

test('an unread event stops the calls with EAGAIN', async () => {
  const twin = new Twin({ features: ['EVENT_REMOVE'] }).fill();
  twin.userfaultfd.continue(twin.view, 0, PAGE);
  const { ready, value } = startToucher({ mapping: twin.view.id, offset: 0, drop: true });
  await ready;
  assert.is(await isAsleep(value), true); // madvise waits for the event to be read
  assert.is(twin.userfaultfd.tryContinue(twin.view, PAGE, PAGE), -EAGAIN);
  assert.throws(() => twin.userfaultfd.continue(twin.view, PAGE, PAGE), /EAGAIN.*unread/);
  assert.equal(twin.message(), [EVENT_REMOVE, twin.view.address, twin.view.address + PAGE, 0]);
  assert.is(twin.message()[0], EVENT_PAGEFAULT); // the touch behind the advice
  twin.userfaultfd.continue(twin.view, 0, PAGE);
  assert.is(await value, 1);
  twin.close();
});

test('whatever ends a registration wakes who waits there', async () => {
  const ends: readonly [string, (twin: Twin) => void, number][] = [
    ['unregister', (twin) => twin.userfaultfd.unregister(twin.view, 0, BYTES), 1],
    ['renew', (twin) => twin.view.renew(), 1],
    ['closing the mapping', (twin) => twin.view.close(), 0],
    ['closing the userfaultfd', (twin) => twin.userfaultfd.close(), 1],
    ['closeAll', () => Userfaultfd.closeAll(), 1],
  ];
  for (const [name, end, expected] of ends) {
    const twin = new Twin().fill();
    twin.userfaultfd.unregister(twin.view, 0, BYTES);
    twin.userfaultfd.register(twin.view, 0, BYTES, { minor: true });
    const { ready, value } = startToucher({ mapping: twin.view.id, offset: 0 });
    await ready;
    twin.message();
    assert.is(await isAsleep(value, 20), true, name);
    end(twin);
    assert.is(await value, expected, name);
    for (const thing of [twin.userfaultfd, twin.view]) {
      try {
        thing.close();
      } catch (error) {
        assert.instance(error, ClosedError);
      }
    }
    twin.workspace.close();
    twin.memfd.close();
  }
});

test('moving the memory away wakes who waits, and it finds the renewed mapping', async () => {
  const twin = new Twin().fill();
  const aside = Mapping.anonymous(BYTES);
  twin.userfaultfd.continue(twin.view, 0, BYTES / 2);
  const { ready, value } = startToucher({ mapping: twin.view.id, offset: BYTES - 1 });
  await ready;
  twin.message();
  twin.userfaultfd.unregister(twin.view, 0, BYTES);
  assert.is(await value, PAGES);
  twin.view.moveTo(aside);
  twin.view.renew();
  twin.userfaultfd.register(twin.view, 0, BYTES, { missing: true, minor: true });
  assert.is(new Uint8Array(aside.buffer)[0], 1); // seen without a fault
  assert.is(twin.userfaultfd.tryContinue(twin.view, 0, BYTES), BYTES);
  aside.close();
  twin.close();
});

test('read returns after its timeout, and at once when interrupted before', () => {
  const twin = new Twin();
  const into = new Float64Array(4);
  const began = performance.now();
  assert.is(twin.userfaultfd.read(into, 30), 0);
  const took = performance.now() - began;
  assert.ok(took >= 29 && took < 500, `${took} ms`);
  assert.is(twin.userfaultfd.read(into, 0), 0);
  twin.userfaultfd.interrupt();
  twin.userfaultfd.interrupt();
  assert.is(twin.userfaultfd.read(into, -1), -1);
  assert.is(twin.userfaultfd.read(into, 1), 0); // once
  twin.close();
  assert.is(twin.userfaultfd.read(into, -1), -1);
});

test('interrupt and close wake the readers of every thread', async () => {
  for (const end of ['interrupt', 'close'] as const) {
    const userfaultfd = Userfaultfd.open();
    const workers = [0, 1].map(
      () =>
        new Worker(new URL('../support/native-reader.js', import.meta.url), {
          workerData: { userfaultfd: userfaultfd.id },
        }),
    );
    const next = (worker: Worker) =>
      new Promise<{ count: number; ms: number }>((resolve, reject) => {
        worker.once('message', resolve).once('error', reject);
      });
    await Promise.all(workers.map(next));
    const answers = Promise.all(workers.map(next));
    await new Promise((resolve) => setTimeout(resolve, 20));
    userfaultfd[end]();
    for (const { count, ms } of await answers) {
      assert.is(count, -1);
      assert.ok(ms < 2000, `${ms} ms`);
    }
    if (end === 'interrupt') userfaultfd.close();
  }
});

test('a worker that ends closes nothing that others use', async () => {
  const twin = new Twin().fill();
  const worker = new Worker(new URL('../support/native-maker.js', import.meta.url), {
    workerData: { attach: twin.userfaultfd.id },
  });
  const made = await new Promise<{ memfd: number; mapping: number }>((resolve) => worker.once('message', resolve));
  await new Promise((resolve) => worker.once('exit', resolve));
  Memfd.attach(made.memfd).close();
  Mapping.attach(made.mapping).close();
  assert.is(twin.userfaultfd.continue(twin.view, 0, BYTES), BYTES);
  twin.close();
});

test('what other threads are using can be closed', async () => {
  const shared = new Float64Array(new SharedArrayBuffer(32));
  const open = () => {
    const memfd = Memfd.create(BYTES);
    const mapping = Mapping.shared(memfd);
    const userfaultfd = Userfaultfd.open();
    userfaultfd.register(mapping, 0, BYTES, { missing: true, minor: true });
    memfd.populate(0, PAGE);
    shared.set([mapping.id, userfaultfd.id]);
    return { memfd, mapping, userfaultfd };
  };
  let current = open();
  const workers = [0, 1].map(
    () => new Worker(new URL('../support/native-user.js', import.meta.url), { workerData: { shared } }),
  );
  const reports = workers.map(
    (worker) =>
      new Promise<{ uses: number; unexpected: string[] }>((resolve, reject) => {
        worker.once('message', resolve).once('error', reject);
      }),
  );
  for (let i = 0; i < 300; i++) {
    await new Promise((resolve) => setTimeout(resolve, i % 10 === 0 ? 10 : 0));
    const old = current;
    current = open();
    old.mapping.close();
    old.userfaultfd.close();
    old.memfd.close();
  }
  shared[2] = 1;
  for (const { uses, unexpected } of await Promise.all(reports)) {
    assert.equal(unexpected, []);
    assert.ok(uses > 10);
  }
  for (const thing of Object.values(current)) thing.close();
});

test('a process ends although a thread of it waits for a fault', () => {
  const script = fileURLToPath(new URL('../support/native-exit.js', import.meta.url));
  for (const [way, status] of [
    ['exit', 0],
    ['throw', 1],
    ['close', 0],
    ['unmap', 0],
    ['closeAll', 0],
  ] as const) {
    const done = spawnSync(process.execPath, [script, way], { timeout: 5000, encoding: 'utf8' });
    assert.is(done.signal, null, `${way} hangs`);
    assert.is(done.status, status, `${way}: ${done.stderr}`);
  }
});

test('after close() everything throws, or answers -EBADF', () => {
  const twin = new Twin();
  const { userfaultfd, view, workspace } = twin;
  userfaultfd.close();
  const uses = [
    () => userfaultfd.register(view, 0, PAGE, { missing: true }),
    () => userfaultfd.unregister(view, 0, PAGE),
    () => userfaultfd.wake(view, 0, PAGE),
    () => userfaultfd.continue(view, 0, PAGE),
    () => userfaultfd.copy(view, 0, workspace, 0, PAGE),
    () => userfaultfd.zeropage(view, 0, PAGE),
    () => userfaultfd.move(view, 0, workspace, 0, PAGE),
    () => userfaultfd.poison(view, 0, PAGE),
    () => userfaultfd.writeProtect(view, 0, PAGE, true),
    () => userfaultfd.interrupt(),
    () => userfaultfd.close(),
    () => Userfaultfd.attach(userfaultfd.id),
  ];
  for (const use of uses) assert.throws(use, (error: unknown) => error instanceof ClosedError, use.toString());
  assert.is(userfaultfd.tryContinue(view, 0, PAGE), -EBADF);
  const other = Userfaultfd.open();
  view.close();
  assert.is(other.tryContinue(view, 0, PAGE), -EBADF);
  assert.throws(() => other.continue(view, 0, PAGE), /This mapping is closed/);
  for (const thing of [other, workspace, twin.memfd]) thing.close();
});

test('hostile arguments are refused, and harm nothing', () => {
  const twin = new Twin().fill();
  const { userfaultfd, view, workspace } = twin;
  const hostile: unknown[] = [
    undefined,
    null,
    Number.NaN,
    -1,
    -PAGE,
    0.5,
    1,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    2 ** 64,
  ];
  hostile.push('x', '4096', {}, [], 1n, Symbol('s'), () => 0, 2 * BYTES, new Float64Array(1), true);
  const refused = (use: () => unknown, value: unknown) => {
    assert.throws(use, (error: unknown) => error instanceof Error, `${use} with ${String(value)}`);
  };
  const into = new Float64Array(4);
  for (const value of hostile) {
    const bad = value as never;
    for (const call of ['continue', 'zeropage', 'poison', 'wake', 'unregister'] as const) {
      refused(() => userfaultfd[call](bad, 0, PAGE), value);
      refused(() => userfaultfd[call](view, bad, PAGE), value);
      refused(() => userfaultfd[call](view, 0, bad), value);
    }
    for (const call of ['copy', 'move'] as const) {
      refused(() => userfaultfd[call](bad, 0, workspace, 0, PAGE), value);
      refused(() => userfaultfd[call](view, bad, workspace, 0, PAGE), value);
      refused(() => userfaultfd[call](view, 0, bad, 0, PAGE), value);
      refused(() => userfaultfd[call](view, 0, workspace, value === 1 ? -1 : bad, PAGE), value);
      refused(() => userfaultfd[call](view, 0, workspace, 0, bad), value);
    }
    refused(() => userfaultfd.register(view, bad, PAGE, { missing: true }), value);
    refused(() => userfaultfd.writeProtect(view, 0, bad, true), value);
    refused(() => Userfaultfd.attach(bad), value);
    if (!(value instanceof Float64Array)) refused(() => userfaultfd.read(bad, 0), value);
    if (typeof value !== 'number' || Number.isNaN(value)) refused(() => userfaultfd.read(into, bad), value);
    if (value !== 1 && value !== undefined) refused(() => userfaultfd.continue(view, 0, PAGE, bad), value);
    if (value !== PAGE && typeof value !== 'object' && value !== undefined && value !== null) {
      assert.ok(userfaultfd.tryContinue(view, bad, PAGE) < 0);
      assert.ok(userfaultfd.tryContinue(view, 0, bad) < 0);
      assert.ok(userfaultfd.tryCopy(view, 0, workspace, 0, bad) < 0);
    }
  }
  refused(() => userfaultfd.register(view, 0, PAGE, {}), {});
  refused(() => userfaultfd.read(new Float64Array(3), 0), 3);
  refused(() => userfaultfd.read(new Int32Array(8) as never, 0), 'Int32Array');
  assert.is(userfaultfd.tryContinue(view, 0, 2 * BYTES), -ERANGE);
  assert.is(userfaultfd.tryContinue(view, BYTES, PAGE), -ERANGE);
  assert.is(userfaultfd.tryContinue(view, 100, PAGE), -EINVAL);
  assert.is(userfaultfd.continue(view, 0, BYTES), BYTES); // all is as it was
  twin.close();
});

test.run();
