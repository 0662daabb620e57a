/** Where an invocation ran: the field `environment`. */
import { z } from 'zod';
import { bytes, count, number, text } from './kinds.js';

export const environmentSchema = z
  .strictObject({
    kernel: text('kernel release'),
    cpu: text('processor model'),
    cores: count('processors online'),
    node: text('version of Node'),
    features: z.array(z.string()).describe('userfaultfd features the kernel offers; empty without userfaultfd'),
    commit: z.string().nullable().describe('git commit of the checkout, null outside one'),
    continuum: text('version of this package'),
    memoryBytes: bytes("the machine's memory"),
    transparentHugePages: z
      .strictObject({
        anonymous: z.string().nullable().describe('setting for anonymous memory'),
        shmem: z.string().nullable().describe('setting for shared memory'),
      })
      .describe('transparent huge pages as set when the run began'),
    openedBy: z.string().nullable().describe('how userfaultfd could be opened, null when it could not'),
    loadAverage: z.tuple([z.number(), z.number(), z.number()]).describe('load over 1, 5 and 15 min before the run'),
    modified: z
      .boolean()
      .nullable()
      .optional()
      .describe('whether the checkout differs from its commit; null: not known'),
    addon: z
      .strictObject({
        compiler: z.string().nullable().describe('what compiled it'),
        sha256: text('first 16 digits of the hash of its file'),
      })
      .optional()
      .describe('the native addon'),
    frequency: z
      .strictObject({
        governor: z.string().nullable().describe('of the first processor; null: the kernel does not say'),
        mhz: z.number().nullable().describe('of the first processor before the run, MHz'),
        boost: z.boolean().nullable().describe('whether processors may go beyond their nominal frequency'),
      })
      .optional()
      .describe('clock frequency'),
    smt: z.boolean().nullable().optional().describe('whether processors share cores; null: not known'),
    virtual: z.string().nullable().optional().describe('name of the virtual machine, null on bare metal'),
    availableBytes: bytes('memory that could be had before the run').optional(),
    swap: z
      .strictObject({ totalBytes: bytes('swap space'), usedBytes: bytes('of it in use before the run') })
      .optional()
      .describe('swap'),
    memoryLimitBytes: z.int().nonnegative().nullable().optional().describe('least limit of its memory cgroups, bytes'),
    maxMapCount: z.int().nonnegative().nullable().optional().describe('vm.max_map_count, mappings a process may have'),
    busyBefore: number("share of the processors' time in use just before the sweep").optional(),
    beside: z
      .strictObject({
        others: number("share of the processors' time that other processes used"),
        stolen: number('share that the hypervisor gave to others'),
      })
      .optional()
      .describe('neighbours while the invocation ran'),
    stoppedMs: number('time in which the run was stopped or frozen, ms; absent where it was not').optional(),
    warnings: z.array(z.string()).optional().describe('what may have disturbed the run'),
  })
  .describe('where it ran');
