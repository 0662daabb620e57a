import { openSync, readdirSync, readFileSync, readlinkSync, truncateSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ClosedError } from '../../native/errors.js';
import { Mapping, Memfd } from '../../native/memory.js';
import { monotonicNs, threadCpuNs, threadId } from '../../native/system.js';
import { startToucher } from '../support/native-toucher.js';

const PAGE = 4096;
const MIB = 1 << 20;

/** The line of /proc/self/maps that begins at `address`. */
function mapsLine(address: number): string | undefined {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${address.toString(16)}-`));
}

/** Bytes of [address, address + bytes) that have a page table entry. */
function mappedBytes({ address, bytes }: Mapping): number {
  const lines = readFileSync('/proc/self/smaps', 'utf8').split('\n');
  let inside = false;
  let resident = 0;
  for (const line of lines) {
    const range = /^([0-9a-f]+)-/.exec(line);
    if (range) inside = Number.parseInt(range[1]!, 16) >= address && Number.parseInt(range[1]!, 16) < address + bytes;
    else if (inside && line.startsWith('Rss:')) resident += Number(/\d+/.exec(line)![0]) * 1024;
  }
  return resident;
}

function twin(bytes: number): { memfd: Memfd; workspace: Mapping; view: Mapping } {
  const memfd = Memfd.create(bytes, { name: 'continuum-test' });
  return { memfd, workspace: Mapping.shared(memfd), view: Mapping.shared(memfd) };
}

test('two mappings of a memfd show the same bytes at different addresses', () => {
  const { memfd, workspace, view } = twin(MIB);
  assert.is.not(workspace.address, view.address);
  assert.is(workspace.kind, 'shared');
  new Uint32Array(workspace.buffer)[1000] = 0xc0ffee;
  assert.is(new Uint32Array(view.buffer)[1000], 0xc0ffee);
  memfd.close();
  new Uint32Array(view.buffer)[1001] = 7; // the pages outlive the descriptor
  assert.is(new Uint32Array(workspace.buffer)[1001], 7);
  workspace.close();
  view.close();
});

test('a memfd is allocated page by page, and punched, and never shrinks', () => {
  const { memfd, workspace, view } = twin(MIB);
  assert.is(memfd.residentBytes(), 0);
  memfd.populate(0, 16 * PAGE);
  assert.is(memfd.residentBytes(), 16 * PAGE);
  const bytes = new Uint8Array(workspace.buffer);
  bytes[20 * PAGE] = 1;
  assert.is(memfd.residentBytes(), 17 * PAGE);
  memfd.punch(20 * PAGE, PAGE);
  assert.is(memfd.residentBytes(), 16 * PAGE);
  assert.is(bytes[20 * PAGE], 0);
  view.advise(0, 8 * PAGE, 'remove');
  bytes.subarray(0, PAGE).fill(0); // one comes back
  assert.ok(memfd.residentBytes() <= 10 * PAGE);

  const links = readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('/memfd:continuum-test');
    } catch {
      return false; // the directory's own descriptor
    }
  });
  assert.ok(links.length > 0);
  assert.throws(() => truncateSync(`/proc/self/fd/${links[0]}`, 0), /EPERM/);
  assert.throws(() => openSync(`/proc/self/fd/${links[0]}`, 'w'), /EPERM/); // O_TRUNC
  for (const thing of [memfd, workspace, view]) thing.close();
});

test('moveTo takes shared memory and its page tables along, renew() brings the place back', () => {
  const { memfd, workspace, view } = twin(4 * MIB);
  const aside = Mapping.anonymous(4 * MIB);
  const seen = new Uint8Array(view.buffer);
  seen.fill(5);
  assert.is(mappedBytes(view), 4 * MIB);
  view.moveTo(aside);
  assert.is(mappedBytes(aside), 4 * MIB);
  assert.is(aside.kind, 'shared');
  assert.is(new Uint8Array(aside.buffer)[MIB], 5);
  assert.match(mapsLine(view.address)!, /---p/);
  view.renew();
  assert.is(mappedBytes(view), 0);
  assert.is(seen[MIB], 5);
  new Uint8Array(workspace.buffer)[MIB] = 6;
  assert.is(seen[MIB], 6);
  assert.is(new Uint8Array(aside.buffer)[MIB], 6);
  aside.renew(); // a fresh one of what it has become
  assert.is(new Uint8Array(aside.buffer)[MIB], 6);
  for (const thing of [memfd, workspace, view, aside]) thing.close();
});

test('moveTo takes private memory along, renew() leaves zeros', () => {
  const from = Mapping.anonymous(2 * MIB);
  const to = Mapping.anonymous(2 * MIB);
  const bytes = new Uint8Array(from.buffer);
  bytes.fill(9);
  new Uint8Array(to.buffer).fill(1);
  from.moveTo(to);
  assert.is(new Uint8Array(to.buffer)[PAGE], 9);
  from.renew();
  assert.is(bytes[PAGE], 0);
  from.close();
  to.close();
});

test('a mapping can be moved back and forth', () => {
  const { memfd, workspace, view } = twin(MIB);
  const aside = Mapping.anonymous(MIB);
  for (let i = 1; i < 100; i++) {
    new Uint8Array(view.buffer)[PAGE] = i;
    view.moveTo(aside);
    view.renew();
    assert.is(new Uint8Array(aside.buffer)[PAGE], i);
  }
  for (const thing of [memfd, workspace, view, aside]) thing.close();
});

test('renew drops page table entries and keeps the pages of the memfd', () => {
  const { memfd, workspace, view } = twin(MIB);
  new Uint8Array(view.buffer).fill(3);
  view.renew();
  assert.is(mappedBytes(view), 0);
  assert.is(memfd.residentBytes(), MIB);
  assert.is(new Uint8Array(view.buffer)[MIB - 1], 3);
  for (const thing of [memfd, workspace, view]) thing.close();
});

test('advise and protect reach the kernel', () => {
  const mapping = Mapping.anonymous(4 * MIB);
  mapping.advise(0, MIB, 'populate-write');
  assert.is(mappedBytes(mapping), MIB);
  mapping.advise(0, MIB / 2, 'dontneed');
  assert.is(mappedBytes(mapping), MIB / 2);
  mapping.advise(0, MIB, 'populate-read');
  mapping.advise(0, MIB, 'free');
  mapping.advise(2 * MIB, 2 * MIB, 'hugepage');
  mapping.advise(2 * MIB, 2 * MIB, 'nohugepage');
  mapping.protect(0, mapping.bytes, 'none');
  assert.match(mapsLine(mapping.address)!, /---p/);
  mapping.protect(0, mapping.bytes, 'read');
  assert.match(mapsLine(mapping.address)!, /r--p/);
  mapping.protect(0, mapping.bytes, 'readwrite');
  new Uint8Array(mapping.buffer)[0] = 1;
  assert.throws(() => mapping.advise(0, PAGE, 'remove'), /madvise answered EINVAL/); // private memory has no file
  mapping.close();
});

test('mappings are aligned to what their page tables can be moved by', () => {
  for (const bytes of [PAGE, 3 * MIB, 1024 * MIB]) {
    const mapping = Mapping.anonymous(bytes);
    assert.is(mapping.address % (bytes >= 1024 * MIB ? 1024 * MIB : bytes >= 2 * MIB ? 2 * MIB : PAGE), 0);
    mapping.close();
  }
});

test('an ArrayBuffer is the same every time, and may be larger than 4 GiB', () => {
  const bytes = 6 * 1024 * MIB;
  const mapping = Mapping.anonymous(bytes);
  assert.is(mapping.buffer, mapping.buffer);
  assert.is(Mapping.attach(mapping.id), mapping);
  assert.is(mapping.buffer.byteLength, bytes);
  const last = new Uint32Array(mapping.buffer);
  last[bytes / 4 - 1] = 77;
  assert.is(new DataView(mapping.buffer).getUint32(bytes - 4, true), 77);
  assert.is(Atomics.add(last, bytes / 4 - 1, 1), 77);
  mapping.close();
});

test('after close() a view reads zeros, is no danger, and every method throws', () => {
  const { memfd, workspace, view } = twin(MIB);
  const bytes = new Uint8Array(view.buffer).fill(8);
  view.close();
  assert.is(bytes[0], 0);
  bytes[5 * PAGE] = 1;
  assert.is(new Uint8Array(workspace.buffer)[5 * PAGE], 8);
  const other = Mapping.anonymous(MIB);
  const uses: (() => unknown)[] = [
    () => view.buffer,
    () => view.kind,
    () => view.advise(0, PAGE, 'dontneed'),
    () => view.protect(0, PAGE, 'read'),
    () => view.moveTo(other),
    () => other.moveTo(view),
    () => view.renew(),
    () => view.close(),
    () => Mapping.attach(view.id),
  ];
  for (const use of uses) assert.throws(use, (error: unknown) => error instanceof ClosedError, use.toString());
  memfd.close();
  const fileUses = [
    () => memfd.punch(0, PAGE),
    () => memfd.populate(0, PAGE),
    () => memfd.residentBytes(),
    () => memfd.close(),
    () => Mapping.shared(memfd),
    () => Memfd.attach(memfd.id),
  ];
  for (const use of fileUses) assert.throws(use, (error: unknown) => error instanceof ClosedError, use.toString());
  workspace.close();
  other.close();
});

test('the addresses go when the last ArrayBuffer is collected, and not before', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const address = (() => {
    const mapping = Mapping.anonymous(64 * MIB);
    const bytes = new Uint8Array(mapping.buffer);
    mapping.close();
    gc();
    assert.is.not(mapsLine(mapping.address), undefined);
    bytes[MIB] = 1;
    return mapping.address;
  })();
  for (let i = 0; i < 50 && mapsLine(address) !== undefined; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.is(mapsLine(address), undefined);
});

test('the addresses that a worker has seen go with the worker', async () => {
  const mapping = Mapping.anonymous(64 * MIB);
  const { address } = mapping;
  const { value, worker } = startToucher({ mapping: mapping.id, offset: PAGE, write: 33 });
  assert.is(await value, 33);
  mapping.close();
  await worker.terminate();
  assert.is(mapsLine(address), undefined);
});

test('V8 does not take mappings for memory of its own', () => {
  const memfd = Memfd.create(1024 * MIB);
  const before = process.memoryUsage();
  const mappings = [Mapping.shared(memfd), Mapping.shared(memfd), Mapping.anonymous(1024 * MIB)];
  for (const { buffer } of mappings) assert.is(buffer.byteLength, 1024 * MIB);
  const after = process.memoryUsage();
  for (const thing of [memfd, ...mappings]) thing.close();
  for (const kind of ['external', 'arrayBuffers'] as const) {
    assert.ok(after[kind] - before[kind] < MIB, `${kind}: ${(after[kind] - before[kind]) / MIB} MiB more`);
  }
});

test('a thousand mappings leave none behind', () => {
  const count = () => readFileSync('/proc/self/maps', 'utf8').split('\n').length;
  const before = count();
  const descriptors = readdirSync('/proc/self/fd').length;
  for (let i = 0; i < 1000; i++) {
    const { memfd, workspace, view } = twin(MIB);
    for (const thing of [memfd, workspace, view]) thing.close();
  }
  assert.ok(count() < before + 100, `${before} mappings became ${count()}`);
  assert.ok(readdirSync('/proc/self/fd').length < descriptors + 10);
});

test('another thread attaches by id, and sees the same memory', async () => {
  const { memfd, workspace, view } = twin(MIB);
  const { value, worker } = startToucher({ mapping: view.id, offset: PAGE, write: 33 });
  assert.is(await value, 33);
  assert.is(new Uint8Array(workspace.buffer)[PAGE], 33);
  await worker.terminate();
  new Uint8Array(view.buffer)[PAGE] = 34; // it took nothing with it
  for (const thing of [memfd, workspace, view]) thing.close();
});

test('what a worker made stays when the worker ends', async () => {
  const worker = new Worker(new URL('../support/native-maker.js', import.meta.url));
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  const made = await new Promise<{ memfd: number; mapping: number }>((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  await ended;
  const mapping = Mapping.attach(made.mapping);
  assert.is(new Uint8Array(mapping.buffer)[100], 42);
  Memfd.attach(made.memfd).close();
  mapping.close();
});

test('huge pages: as reserved, or an error that says so', () => {
  const memfd = Memfd.create(2 * MIB, { hugePages: true });
  assert.is(memfd.pageSize, 2 * MIB);
  const free = Number(readFileSync('/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages', 'utf8'));
  if (free === 0) {
    assert.throws(() => Mapping.shared(memfd), /mmap answered ENOMEM.*nr_hugepages/);
  } else {
    const mapping = Mapping.shared(memfd);
    new Uint8Array(mapping.buffer)[0] = 1;
    assert.is(memfd.residentBytes(), 2 * MIB);
    assert.throws(() => mapping.advise(0, PAGE, 'dontneed'), RangeError);
    mapping.close();
  }
  memfd.close();
});

test('hostile arguments are refused, and harm nothing', () => {
  const { memfd, workspace, view } = twin(MIB);
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
  hostile.push('x', '4096', {}, [], 1n, Symbol('s'), () => 0, 2 * MIB, new Uint8Array(1), true);
  const refused = (use: () => unknown, value: unknown) => {
    assert.throws(use, (error: unknown) => error instanceof Error, `${use} with ${String(value)}`);
  };
  for (const value of hostile) {
    const bad = value as never;
    refused(() => memfd.punch(bad, PAGE), value);
    refused(() => memfd.populate(0, bad), value);
    refused(() => view.advise(bad, PAGE, 'dontneed'), value);
    refused(() => view.advise(0, bad, 'dontneed'), value);
    refused(() => view.advise(0, PAGE, bad), value);
    refused(() => view.protect(bad, PAGE, 'none'), value);
    refused(() => view.protect(0, bad, 'none'), value);
    refused(() => view.protect(0, PAGE, bad), value);
    refused(() => view.moveTo(bad), value);
    refused(() => Mapping.attach(bad), value);
    refused(() => Memfd.attach(bad), value);
    refused(() => Mapping.shared(bad), value);
    if (value !== 2 * MIB) {
      refused(() => Memfd.create(bad), value);
      refused(() => Mapping.anonymous(bad), value);
    }
  }
  assert.throws(() => Memfd.create(MIB, { name: 'x'.repeat(1000) }), TypeError);
  assert.throws(() => Memfd.create(PAGE + 1), RangeError);
  assert.throws(() => Mapping.anonymous(0), RangeError);
  assert.throws(() => Mapping.anonymous(2 ** 47), RangeError);
  assert.throws(() => view.moveTo(view), RangeError);
  assert.throws(() => view.advise(MIB - PAGE, 2 * PAGE, 'dontneed'), RangeError);
  assert.throws(() => (Memfd.prototype.punch as () => void).call({}), Error);
  new Uint8Array(workspace.buffer)[0] = 1;
  assert.is(new Uint8Array(view.buffer)[0], 1);
  for (const thing of [memfd, workspace, view]) thing.close();
});

test('this thread and its clocks', () => {
  assert.is(threadId(), process.pid);
  const began = [threadCpuNs(), monotonicNs()] as const;
  assert.ok(Math.abs(began[1] - Number(process.hrtime.bigint())) < 50e6);
  let sum = 0;
  while (monotonicNs() - began[1] < 5e6) sum++;
  assert.ok(sum > 0 && threadCpuNs() > began[0]);
});

test.run();
