/** What an invocation was asked for: the field `config`. */
import { z } from 'zod';
import { heapBytesSchema, optionTable } from '../options/options.js';
import { number, text } from './kinds.js';

export const configSchema = z
  .strictObject({
    workload: optionTable.workload.schema,
    scale: optionTable.scale.schema.describe("share of the workload's full size"),
    resolution: optionTable.resolution.schema,
    delivery: optionTable.delivery.schema,
    flip: optionTable.flip.schema,
    heapBytes: heapBytesSchema.describe('heap size, bytes'),
    mutators: optionTable.mutators.schema.describe('mutator threads'),
    gcWorkers: optionTable.gcWorkers.schema.describe('collector threads'),
    seconds: optionTable.seconds.schema.describe('measured time after the warm-up, s'),
    seed: optionTable.seed.schema.describe('seed of all random choices'),
    operations: optionTable.operations.schema
      .optional()
      .describe('operations in place of a time, all mutators together'),
    rate: optionTable.rate.schema.optional().describe('operations a second offered, all mutators together'),
    turns: optionTable.turns.schema
      .optional()
      .describe('measured in turns of so long with the other ways of its round, s each'),
    trace: optionTable.trace.schema.optional().describe('whether page events were recorded'),
    heapTimes: number('multiple of the smallest heap of the workload that was asked for').optional(),
    quick: z.boolean().describe('a smoke run: workloads shorten their warm-up as well'),
    // Settings of one workload: absent elsewhere, and where its own choice held.
    graph: optionTable.graph.schema.optional().describe('path of the graph file'),
    references: optionTable.references.schema.optional().describe('references a page of 4 KiB'),
    // Settings of the collector: absent where its own default held.
    batch: optionTable.batch.schema.optional().describe('pages published by one call at most'),
    publish: optionTable.publish.schema.optional(),
    walk: optionTable.walk.schema.optional(),
    evacuate: optionTable.evacuate.schema.optional(),
    ahead: optionTable.ahead.schema.optional(),
    residentFree: optionTable.residentFree.schema.optional().describe('free regions that keep their memory'),
    faultServers: optionTable.faultServers.schema.optional().describe('threads that serve faults'),
    userfaultfds: optionTable.userfaultfds.schema.optional().describe('descriptors that share the heap'),
    barrier: optionTable.barrier.schema.optional(),
    pages: optionTable.pages.schema.optional(),
    poison: optionTable.poison.schema.optional().describe('whether evacuated pages are poisoned'),
  })
  .describe('what was asked for');

/** What was asked of somebody else's collector. */
export const peerConfigSchema = z.strictObject({
  peer: optionTable.peer.schema,
  runtime: text('what ran it, such as OpenJDK 17.0.15'),
  mode: text("what tells it from the same collector's usual way, such as generational").optional(),
  ...configSchema.pick({
    workload: true,
    scale: true,
    heapBytes: true,
    heapTimes: true,
    mutators: true,
    gcWorkers: true,
    seconds: true,
    operations: true,
    seed: true,
    quick: true,
  }).shape,
});
