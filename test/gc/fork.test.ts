// deadline: 540s
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Mapping, Userfaultfd } from '../../native/index.js';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

const PAGE = 4096;
const PAGES = 8;
const EBUSY = 16;

// Why no mapping of a heap is inherited; that none is: test/inject/fork.test.ts.
test('UFFDIO_MOVE answers EBUSY for pages that a fork has shared, until they are written to', () => {
  const userfaultfd = Userfaultfd.open({ features: ['MOVE'] });
  const make = () => Mapping.anonymous(PAGES * PAGE, { inherited: true });
  const [from, to] = [make(), make()];
  userfaultfd.register(to, 0, to.bytes, { missing: true });
  const words = new Int32Array(from.buffer);
  for (let page = 0; page < PAGES; page++) words[(page * PAGE) / 4] = page + 1;
  spawnSync('/bin/true');
  const answer = userfaultfd.tryMove(to, 0, from, 0, PAGE);
  if (answer === -EBUSY) {
    Atomics.or(words, 0, 0);
    assert.is(userfaultfd.tryMove(to, 0, from, 0, PAGE), PAGE);
  } else {
    assert.is(answer, PAGE);
    console.log('skipped: a child process of this Node shares no page with it (vfork)');
  }
  userfaultfd.close();
  for (const mapping of [from, to]) mapping.close();
});

for (const delivery of ['handler', 'signal'] as const) {
  test(`move × ${delivery} × remap: children are made in mid-life, and keep nothing from being moved`, async () => {
    let forks = 0;
    await runStress({
      ...{ resolution: 'move', delivery, flip: 'remap', cycles: 24 },
      disturb: () => {
        spawnSync('/bin/true');
        forks++;
      },
    });
    assert.ok(forks > 0);
  });

  test(`move × ${delivery} × remap: so do children that are there while compactions run`, async () => {
    const children = new Set<ReturnType<typeof spawn>>();
    await runStress({
      ...{ resolution: 'move', delivery, flip: 'remap', cycles: 24 },
      disturb: () => {
        const child = spawn('/bin/sleep', ['0.2'], { stdio: 'ignore' });
        children.add(child);
        child.on('exit', () => children.delete(child));
      },
    });
    for (const child of children) child.kill();
  });
}

test.run();
