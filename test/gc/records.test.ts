/** What a collector keeps is bounded, however long it runs and however many there are. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CycleRecords, newCycle } from '../../gc/cycle.js';
import { Collector, createHeap } from '../../gc/index.js';
import { defaultShape, Mutator } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';

exitAfterwards(test);

const WAY = { resolution: 'continue', flip: 'bank', delivery: 'handler', workers: 1 } as const;

test('the last records are kept, the oldest first, and the sums of all', () => {
  const records = new CycleRecords();
  for (let i = 1; i <= 2500; i++) {
    const cycle = newCycle(i, 'requested');
    cycle.liveBytes = i;
    cycle.ms.total = 2;
    if (i % 100 === 0) cycle.incidents.push('lost');
    records.add(cycle);
  }
  assert.is(records.last.length, 1000);
  assert.equal([records.last[0]!.cycle, records.last.at(-1)!.cycle], [1501, 2500]);
  const { cycles, liveBytes, ms, incidents } = records.totals;
  assert.equal({ cycles, liveBytes, ms, incidents }, { cycles: 2500, liveBytes: 3_126_250, ms: 5000, incidents: 25 });
  for (const wrong of [-1, 1.5, Number.NaN]) assert.throws(() => new CycleRecords(wrong), /keepRecords: .*not a whole/);
});

test('a collector keeps as many as it is told', async () => {
  const heap = createHeap(defaultShape(8 << 20, 1), WAY.resolution, WAY.flip);
  const collector = new Collector(heap, { ...WAY, keepRecords: 2 });
  await collector.start();
  for (let i = 0; i < 5; i++) await collector.collect();
  assert.equal(
    collector.records.map(({ cycle }) => cycle),
    [4, 5],
  );
  assert.is(collector.totals.cycles, 5);
  await collector.stop();
  heap.close();
});

test('a dozen collectors and a hundred mutators in one thread listen to nothing a dozen times', async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error) => void warnings.push(warning);
  process.on('warning', hear);
  const running: Collector[] = [];
  for (let i = 0; i < 12; i++) {
    const collector = new Collector(createHeap(defaultShape(8 << 20, 100), WAY.resolution, WAY.flip), WAY);
    await collector.start();
    running.push(collector);
  }
  const mutators = Array.from({ length: 100 }, () => Mutator.attach(running[0]!.heap));
  const counts = process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`);
  assert.ok(
    process.eventNames().every((name) => process.listenerCount(name) < 5),
    counts.join(', '),
  );
  for (const mutator of mutators) mutator.detach();
  for (let i = 0; i < 12; i++) await running[0]!.collect();
  for (const collector of running) {
    await collector.stop();
    collector.heap.close();
  }
  await new Promise((soon) => setTimeout(soon, 20)); // warnings come a turn later
  process.off('warning', hear);
  assert.equal(
    warnings.map(({ message }) => message),
    [],
  );
});

test.run();
