/** What an option says is the least and the most: the layers below take both. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { expand } from '../../../bench/configurations/configurations.js';
import { collectorOptions, heapChoices, pageBytesOf } from '../../../bench/configurations/settings.js';
import { namesOf } from '../../../bench/options/choices.js';
import {
  heapBytesSchema,
  type OptionName,
  optionTable,
  readOptions,
  type TypedOptions,
} from '../../../bench/options/options.js';
import { GiB, MiB } from '../../../bench/sizes.js';
import { createHeap } from '../../../gc/index.js';
import { mostBatch } from '../../../gc/slots.js';
import { defaultShape, Heap, layOut } from '../../../heap/index.js';
import { mostHeapBytes } from '../../../heap/layout.js';

const MEMORY = 64 * GiB;

/** The least and the most of a number, as its own schema has them; none for other options. */
function boundsOf(name: OptionName): string[] {
  if (name === 'heap') return sizesOf(heapBytesSchema);
  const schema = z.toJSONSchema(optionTable[name].schema, { unrepresentable: 'any', io: 'input' });
  const parts = [schema, ...((schema.anyOf ?? []) as (typeof schema)[])];
  return parts.flatMap(({ minimum, maximum }) => [minimum, maximum].flatMap((n) => (n === undefined ? [] : [`${n}`])));
}

function sizesOf(schema: z.ZodType): string[] {
  const { minimum, maximum } = z.toJSONSchema(schema);
  layOut(defaultShape(minimum!, 1)); // a workload wants more, and says so (configurations.ts)
  return [`${maximum! / MiB}MiB`];
}

const bounded = namesOf(optionTable).flatMap((name) => boundsOf(name).map((bound) => [name, bound] as const));
const workloads: Partial<Record<OptionName, string>> = { references: 'pages', scale: 'javac' };
const workloadFor = (name: OptionName) => workloads[name] ?? 'churn';

test('there are options with bounds', () => {
  const names = new Set(bounded.map(([name]) => name));
  for (const name of ['heap', 'gcWorkers', 'mutators', 'batch', 'faultServers', 'residentFree'] as const) {
    assert.ok(names.has(name), `${name}: ${boundsOf(name)}`);
  }
});

for (const [name, bound] of bounded) {
  test(`--${optionTable[name].flag} ${bound}: what validates has a heap and a collector`, () => {
    const typed: TypedOptions = {
      workload: [workloadFor(name)],
      resolution: ['all'],
      scale: ['1/128'],
      [name]: [bound],
    };
    const { configs } = expand(readOptions(typed), MEMORY);
    assert.ok(configs.length >= 1);
    for (const config of configs) {
      layOut(defaultShape(config.heapBytes, config.mutators, pageBytesOf(config)));
      const { workers, batch = 1, faultServers = 1 } = collectorOptions(config);
      assert.ok(batch <= mostBatch(workers, faultServers), `${workers} workers, batches of ${batch}`);
      assert.ok(Object.keys(heapChoices(config)).length >= 0);
    }
  });
}

test('the most collector threads have batches of some pages, whatever else they are told', () => {
  assert.ok(mostBatch(64, 4) >= 1);
  const { configs, leftOut } = expand(
    readOptions({ workload: ['churn'], gcWorkers: ['1,64'], batch: ['1024'] }),
    MEMORY,
  );
  assert.equal([...new Set(configs.map(({ gcWorkers }) => gcWorkers))], [1]);
  assert.match(leftOut.join(), /64 collector threads cannot have batches of 1024 pages: --batch \d+ is the most/);
});

for (const [resolution, flip] of [
  ['continue', 'bank'],
  ['copy', 'remap'],
  ['stw', 'none'],
] as const) {
  test(`the largest heap can be made, and not one region more: ${resolution}`, () => {
    const heap = createHeap(defaultShape(mostHeapBytes(), 1), resolution, flip);
    assert.instance(heap, Heap);
    heap.close();
    assert.throws(() => createHeap(defaultShape(mostHeapBytes() + MiB, 1), resolution, flip), /references reach/);
  });
}

test('of pages of 2 MiB the largest heap is smaller, and it is said', () => {
  const most = mostHeapBytes(2 * MiB);
  layOut(defaultShape(most, 1, 2 * MiB));
  const asked = { workload: ['churn'], scale: ['1/128'], resolution: ['continue'], pages: ['2M'] };
  assert.is(expand(readOptions({ ...asked, heap: [`${most / MiB}MiB`] }), MEMORY).configs.length, 1);
  const over = readOptions({ ...asked, heap: [`${most / MiB + 2}MiB`] });
  assert.throws(() => expand(over, MEMORY), /--pages 2M and a heap of 16382MiB: 16380MiB is the most/);
});

test.run();
