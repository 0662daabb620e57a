import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Mapping, Memfd } from '../../native/index.js';
import { exitAfterwards } from '../support/exit.js';
import { type Holdings, holdings, LeakWatch, leftOver, OVER_CYCLES, OVER_ROUNDS } from './leaks.js';

exitAfterwards(test);

const ROUNDS = 12;
const QUIET = holdings();

/** What a watch says of holdings that `change` makes of the same ones, round by round. */
function grownBy(change: (round: number) => Partial<Holdings>, rounds = ROUNDS): string[] {
  const watch = new LeakWatch(OVER_ROUNDS, 3);
  for (let round = 0; round < rounds; round++) watch.add({ ...QUIET, ...change(round) });
  return watch.grown;
}

test('what stays as it is does not leak, nor what goes up and down', () => {
  assert.equal(
    grownBy(() => ({})),
    [],
  );
  assert.equal(
    grownBy((round) => ({
      threads: 10 + (round % 3),
      rssMiB: 100 + 90 * (round % 2),
      mappings: 200 + 50 * (round % 4),
    })),
    [],
  );
});

test('what a process takes while it warms up does not leak', () => {
  assert.equal(
    grownBy((round) => ({ descriptors: 10 + Math.min(3, round), rssMiB: 80 + 40 * Math.min(3, round) })),
    [],
  );
});

test('one more a round leaks, also between ups and downs', () => {
  assert.is(grownBy((round) => ({ descriptors: 10 + round })).length, 1);
  assert.match(
    grownBy((round) => ({ threads: 10 + 2 * round + (round % 3) }))[0]!,
    /^threads grow: \d\d at most at first, \d\d at least/,
  );
  assert.is(grownBy((round) => ({ mappings: 200 + 20 * round })).length, 1);
  assert.is(grownBy((round) => ({ virtualMiB: 2000 + 65 * round })).length, 1, 'a heap of 64 MiB');
  assert.is(grownBy((round) => ({ rssMiB: 100 + 10 * round, pssMiB: 100 + 10 * round })).length, 2);
});

test('a few samples say nothing', () => {
  assert.equal(
    grownBy((round) => ({ descriptors: round }), 8),
    [],
  );
});

test('descriptors that stay open are seen', () => {
  const watch = new LeakWatch(OVER_ROUNDS, 0);
  const open: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    open.push(openSync('/dev/null', 'r'));
    watch.add(holdings());
  }
  for (const descriptor of open) closeSync(descriptor);
  assert.match(watch.grown.join(), /descriptors grow/);
});

test('threads that stay are seen while a heap is open', async () => {
  const watch = new LeakWatch(OVER_CYCLES, 0);
  const workers: Worker[] = [];
  for (let cycle = 0; cycle < 9; cycle++) {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    await once(worker, 'online');
    workers.push(worker);
    watch.add(holdings());
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  assert.match(watch.grown.join(), /threads grow/);
});

test('a memfd and a mapping of it are left over until they are closed', () => {
  assert.equal(leftOver(holdings()), []);
  const memfd = Memfd.create(2 ** 20);
  const mapping = Mapping.shared(memfd);
  assert.match(leftOver(holdings()).join(), /\d memfds are left with no heap open,1 memfdMappings are left/);
  mapping.close();
  memfd.close();
  assert.equal(leftOver(holdings()), []);
});

test('the page map is open once', () => {
  const [first, second] = [1, 2].map(() => openSync('/proc/self/pagemap', 'r'));
  const now = holdings();
  assert.is(now.descriptors, QUIET.descriptors);
  assert.match(leftOver(now).join(), /2 pagemaps are open/);
  closeSync(second!);
  assert.equal(leftOver(holdings()), []);
  closeSync(first!);
});

test.run();
