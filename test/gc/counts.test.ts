/** Words that count for as long as a heap lives come round: a collection's own figures are right all the same. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap } from '../../gc/index.js';
import { Control, defaultShape } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { startFleet } from '../support/fleet.js';

exitAfterwards(test);

test('what fault servers have done in a collection in which their counts come round', async () => {
  const heap = createHeap(defaultShape(64 << 20, 1), 'continue', 'bank');
  const way = { resolution: 'continue', flip: 'bank', delivery: 'handler', publish: 'lazy' } as const;
  const collector = new Collector(heap, { ...way, workers: 1 });
  await collector.start();
  const fleet = await startFleet(heap, 1, new URL('../support/hammer-program.js', import.meta.url), {
    objects: 20_000,
  });
  const counts = [Control.FAULT_BUILT, Control.FAULT_UPDATED, Control.FAULT_KEPT, Control.FAULT_PUBLISHED];
  for (const word of counts) Atomics.store(heap.control, word, 2 ** 31 - 1);
  const { pages } = await collector.collect();
  assert.ok(pages.publishedByFault > 0 && pages.publishedByFault <= heap.layout.pages, `${pages.publishedByFault}`);
  for (const [name, count] of Object.entries(pages))
    assert.ok(count >= 0 && count <= heap.layout.pages, `${name}: ${count}`);
  await fleet.leave();
  await collector.stop();
  heap.close();
});

test.run();
