import { constants } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ClosedError } from '../../../native/errors.js';
import { Mapping } from '../../../native/memory.js';
import {
  DONTWAKE,
  EVENT_PAGEFAULT,
  EVENT_REMOVE,
  FAULT_MINOR,
  FAULT_WP,
  FAULT_WRITE,
  Userfaultfd,
} from '../../../native/userfaultfd.js';
import { startToucher } from '../../support/native-toucher.js';
import { BYTES, isAsleep, PAGE, PAGES, Twin } from '../../support/native-twin.js';

const { EAGAIN, EEXIST, EFAULT } = constants.errno;

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

test.run();
