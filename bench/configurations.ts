/** From options to the configurations of a sweep: every legal combination once, in the table's order. */
import { totalmem } from 'node:os';
import { type FlipName, type ResolutionName, resolutions, whyIllegal } from './choices.js';
import { usage } from './errors.js';
import type { Options } from './options.js';
import type { InvocationConfig } from './schema.js';
import { approximateSize, formatSize, MiB } from './sizes.js';
import { defaultHeapBytes, minimumHeapBytes, workloadTraits } from './workload-table.js';

export interface Sweep {
  readonly configs: readonly InvocationConfig[];
  /** Combinations that cannot run, each with why; nobody is surprised by a missing column. */
  readonly leftOut: readonly string[];
}

/**
 * All legal combinations of the swept options.
 * @throws Complaint when none is legal, or a heap is too small for its workload or too large for the machine.
 */
export function expand(options: Options, memoryBytes: number = totalmem()): Sweep {
  const configs: InvocationConfig[] = [];
  const leftOut = new Set<string>();
  for (const workload of options.workload) {
    for (const scale of options.scale ?? [options.quick ? workloadTraits(workload).quickScale : 1]) {
      for (const heapBytes of heapsOf(options, workload, scale, memoryBytes)) {
        for (const { resolution, delivery, flip } of ways(options, leftOut)) {
          for (const mutators of options.mutators) {
            for (const gcWorkers of options.gcWorkers) {
              configs.push({
                workload,
                scale,
                resolution,
                delivery,
                flip,
                heapBytes,
                mutators,
                gcWorkers,
                seconds: options.seconds,
                seed: options.seed,
                quick: options.quick,
              });
            }
          }
        }
      }
    }
  }
  if (configs.length === 0) {
    const [first, ...rest] = leftOut;
    const more = rest.length ? ` (and ${rest.length} more combinations that cannot run)` : '';
    throw usage(`no legal combination is left: ${first}${more}`, 'leave --flip out to get the flip that fits');
  }
  return { configs, leftOut: [...leftOut] };
}

type Way = Pick<InvocationConfig, 'resolution' | 'delivery' | 'flip'>;

function ways(options: Options, leftOut: Set<string>): Way[] {
  const legal: Way[] = [];
  for (const resolution of options.resolution) {
    for (const delivery of options.delivery) {
      for (const flip of options.flip ?? [defaultFlip(resolution)]) {
        const why = whyIllegal(resolution, delivery, flip);
        if (why) leftOut.add(why);
        else legal.push({ resolution, delivery, flip });
      }
    }
  }
  return legal;
}

export function defaultFlip(resolution: ResolutionName): FlipName {
  return resolutions[resolution].flips[0];
}

function heapsOf(
  options: Options,
  workload: InvocationConfig['workload'],
  scale: number,
  memoryBytes: number,
): number[] {
  const least = minimumHeapBytes(workload, scale);
  const live = approximateSize(workloadTraits(workload).liveBytes(scale));
  const heaps = options.heap ?? [defaultHeapBytes(workload, scale)];
  for (const heap of heaps) {
    if (heap < least) {
      throw usage(
        `heap ${formatSize(heap)} is too small for ${workload} at scale ${shareText(scale)}, which keeps ${live} live`,
        `use --heap ${formatSize(least)} or more, or a smaller --scale`,
      );
    }
    if (heap > memoryBytes) {
      const most = formatSize(Math.floor(memoryBytes / 2 / MiB) * MiB);
      throw usage(
        `heap ${formatSize(heap)} is larger than this machine's memory, ${approximateSize(memoryBytes)}`,
        options.heap ? `use --heap ${most} or less` : 'use a smaller --scale',
      );
    }
  }
  return heaps;
}

/** `1/8` where it is one, else the number. */
export function shareText(scale: number): string {
  const inverse = Math.round(1 / scale);
  return scale < 1 && Math.abs(1 / inverse - scale) < 1e-12 ? `1/${inverse}` : String(scale);
}

/** A configuration in a few words, for progress and complaints: `javac continue·bank 128MiB`. */
export function describeConfig(config: InvocationConfig): string {
  const scale = config.scale === 1 ? '' : ` ×${shareText(config.scale)}`;
  const threads = config.mutators === 1 && config.gcWorkers === 1 ? '' : ` ${config.mutators}m+${config.gcWorkers}w`;
  return `${config.workload}${scale} ${wayText(config)} ${formatSize(config.heapBytes)}${threads}`;
}

/** How a configuration resolves faults and flips: `continue·bank`. The delivery shows once there is a choice. */
export function wayText(config: Pick<InvocationConfig, 'resolution' | 'delivery' | 'flip'>): string {
  const delivery = config.delivery === 'handler' ? '' : `·${config.delivery}`;
  return `${config.resolution}${delivery}·${config.flip}`;
}

/** The same text for the same configuration, whatever the order of its fields. */
export function configKey(config: InvocationConfig): string {
  return JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
}
