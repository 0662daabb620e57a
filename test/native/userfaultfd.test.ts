import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ClosedError, UnavailableError } from '../../native/errors.js';
import { Mapping, Memfd } from '../../native/memory.js';
import { type OpenOptions, Userfaultfd } from '../../native/userfaultfd.js';
import { BYTES, PAGE, Twin } from '../support/native-twin.js';

const { EBADF, EINVAL, ERANGE } = constants.errno;

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
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  const made = await new Promise<{ memfd: number; mapping: number }>((resolve) => worker.once('message', resolve));
  await ended;
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
    const done = spawnSync(process.execPath, [script, way], { timeout: 60_000, encoding: 'utf8' });
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
test.run();
