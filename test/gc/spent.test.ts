// deadline: 360s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap, digestGraph, HeapGraph } from '../../gc/index.js';
import { Control, type Delivery, defaultShape } from '../../heap/index.js';
import { residentBytesOf } from '../../native/index.js';
import { exitAfterwards } from '../support/exit.js';
import { fillHalfDead } from '../support/half-dead.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

exitAfterwards(test);

const MIB = 2 ** 20;

/** One look at a compaction under way: evacuated regions that are spent, and what the workspace holds. */
interface Sample {
  readonly spent: number;
  readonly resident: number;
}

for (const way of CONCURRENT_WAYS.filter(({ resolution }) => resolution === 'copy' || resolution === 'move')) {
  test(`${nameOf(way)}: what has been published elsewhere goes back to the kernel while the compaction runs`, async () => {
    const { resolution, flip, delivery } = way;
    const heap = createHeap(defaultShape(128 * MIB, 1), resolution, flip, { delivery: delivery as Delivery });
    // A worker that sleeps now and then gives this thread time to look.
    const sabotage = { delay: { phases: ['compact'] as const, chance: 0.1, ms: 1 } };
    const collector = new Collector(heap, { ...way, workers: 1, evacuate: 'full', sabotage });
    await collector.start();
    fillHalfDead(heap, 60 * MIB);
    const before = digestGraph(new HeapGraph(heap));
    const { control, space } = heap;
    let over = false;
    const collected = collector.collect().finally(() => {
      over = true;
    });
    const samples: Sample[] = [];
    while (!over) {
      const resident = residentBytesOf(space.workspace.address, space.workspace.bytes);
      const spent = Atomics.load(control, Control.SPENT);
      // In this order: what was resident then was so in the compaction.
      if (Atomics.load(control, Control.COMPACTING) !== 0) samples.push({ spent, resident });
      await new Promise((soon) => setTimeout(soon, 5));
    }
    const { evacuatedBytes } = await collected;
    assert.ok(evacuatedBytes > 20 * MIB, `${evacuatedBytes} bytes were evacuated`);
    const first = samples[0]!;
    const last = samples.at(-1)!;
    const said = `${samples.length} samples, ${samples.map(({ resident }) => Math.round(resident / MIB)).join(' ')} MiB`;
    console.log(
      `${nameOf(way)}: ${samples.length} samples, ${(first.resident / MIB).toFixed(1)} → ${(last.resident / MIB).toFixed(1)} MiB`,
    );
    assert.ok(samples.length >= 5, said);
    assert.ok(first.resident > 40 * MIB, said);
    assert.ok(last.spent > 20, `${last.spent} regions were spent`);
    assert.ok(last.resident < 0.4 * first.resident, said);
    assert.equal(digestGraph(new HeapGraph(heap)), before);
    await collector.stop();
    heap.close();
  });
}

test.run();
