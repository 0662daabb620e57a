/** Small runs of so many operations, in this process: what the heap holds at their end. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wayText } from '../../../bench/configurations/describe.js';
import { measure } from '../../../bench/invocation/run.js';
import type { InvocationConfig } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import type { WorkloadName } from '../../../bench/workloads/table.js';
import { exitAfterwards } from '../../support/exit.js';

type Small = Pick<InvocationConfig, 'scale' | 'operations'> & { readonly heapMiB: number };

/** As much work as fills the heap more than once, so that it is collected on the way. */
const small: Readonly<Partial<Record<WorkloadName, Small>>> = {
  churn: { scale: 2 ** -9, heapMiB: 16, operations: 200_000 },
  fullgc: { scale: 2 ** -10, heapMiB: 32, operations: 1 },
  dense: { scale: 2 ** -8, heapMiB: 32, operations: 2 },
  gcbench: { scale: 1, heapMiB: 48, operations: 1 },
  javac: { scale: 1 / 32, heapMiB: 16, operations: 100_000 },
  hammer: { scale: 1 / 32, heapMiB: 16, operations: 400_000 },
  binarytrees: { scale: 2 ** -8, heapMiB: 16, operations: 2_000_000 },
  lru: { scale: 2 ** -6, heapMiB: 16, operations: 20_000 },
  larson: { scale: 2 ** -5, heapMiB: 16, operations: 100_000 },
  graph: { scale: 1 / 32, heapMiB: 16, operations: 100_000 },
  pages: { scale: 1 / 32, heapMiB: 24, operations: 2 },
};

const ways = [
  { resolution: 'continue', delivery: 'handler', flip: 'bank' },
  { resolution: 'copy', delivery: 'handler', flip: 'remap' },
  { resolution: 'move', delivery: 'signal', flip: 'remap' },
  { resolution: 'protect', delivery: 'signal', flip: 'bank' },
  { resolution: 'stw', delivery: 'none', flip: 'none' },
] as const;

/** Nothing is random in the first two; what churn replaces at random it replaces by the like. */
const sameForAllSeeds: readonly WorkloadName[] = ['gcbench', 'binarytrees', 'churn'];

/** Of runs this short: that nobody faulted, or that the collections found too little, is no concern here. */
const tolerated = ['NEVER_FAULTED', 'NO_COMPACTION'];

async function hashOf(workload: WorkloadName, change: Partial<InvocationConfig> = {}): Promise<string> {
  const { heapMiB, ...size } = small[workload]!;
  const rest = { mutators: 1, gcWorkers: 1, seconds: 1, seed: 1, quick: true } as const;
  const config = { workload, ...size, heapBytes: heapMiB * MiB, ...ways[0], ...rest, ...change };
  const { digest, error, operations, memory } = await measure(config, () => {});
  assert.ok(error === undefined || tolerated.includes(error.code), JSON.stringify(error));
  assert.ok(digest.ok);
  assert.ok(operations.count >= size.operations!, `${operations.count} operations`);
  if (config.resolution === 'stw') assert.is(memory.floatingBytes ?? 0, 0, 'nothing dies while the world stands still');
  assert.match(digest.hash ?? 'none', /^[0-9a-f]{16}$/);
  return digest.hash!;
}

/** One test a way for each of the workloads, against one run by the first way. */
export function testSameWork(workloads: readonly WorkloadName[]): void {
  exitAfterwards(test);
  for (const workload of workloads) {
    let expected: Promise<string> | undefined;
    for (const way of ways) {
      test(`${workload}: the same graph by ${wayText(way)}`, async () => {
        expected ??= hashOf(workload);
        assert.is(await hashOf(workload, way), await expected);
      });
    }
    if (sameForAllSeeds.includes(workload)) continue;
    test(`${workload}: another graph by another seed`, async () => {
      assert.is.not(await hashOf(workload, { seed: 2 }), await expected);
    });
  }
}

/** Mutators with parts of their own, or that take turns, do the same however they are scheduled. */
export function testManyMutators(workloads: readonly WorkloadName[]): void {
  for (const workload of workloads) {
    test(`${workload}: the same graph by three mutators`, async () => {
      const change = { mutators: 3, heapBytes: 2 * small[workload]!.heapMiB * MiB };
      const expected = await hashOf(workload, change);
      assert.is(await hashOf(workload, { ...change, ...ways[1] }), expected);
      assert.is(await hashOf(workload, { ...change, ...ways[4] }), expected);
    });
  }
}
