/** What a fault of another thread looks like from the one that resolves it. */
import { constants } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EVENT_PAGEFAULT, FAULT_MINOR, FAULT_WRITE } from '../../../native/userfaultfd.js';
import { startToucher } from '../../support/native-toucher.js';
import { BYTES, PAGE, Twin, untilAsleep } from '../../support/native-twin.js';

const { EFAULT } = constants.errno;

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
  const threads = await Promise.all(touchers.map(({ ready }) => ready));
  for (const thread of threads) await untilAsleep(thread);
  const into = new Float64Array(9); // room for two and a bit
  assert.is(twin.userfaultfd.read(into, 1000), 2);
  assert.is(into[8], 0);
  assert.is(twin.userfaultfd.read(into, 1000), 1);
  assert.is(twin.userfaultfd.continue(twin.view, 0, BYTES), BYTES);
  assert.equal(await Promise.all(touchers.map(({ value }) => value)), [1, 2, 3]);
  twin.close();
});

test.run();
