/** From options to the configurations of a sweep: every legal combination once, in the table's order. */
import { totalmem } from 'node:os';
import { type ResolutionName, type ResolutionTraits, resolutions, whyIllegal } from './choices.js';
import { usage } from './errors.js';
import type { Options } from './options.js';
import type { InvocationConfig } from './schema.js';
import { settingNames } from './setting-names.js';
import { departures, type Settings } from './settings.js';
import { approximateSize, formatCount, formatSize, MiB } from './sizes.js';
import { defaultHeapBytes, minimumHeapBytes, type WorkloadName, workloadTraits } from './workload-table.js';

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
  const { seconds, seed, quick, rate, trace } = options;
  if (rate !== undefined && options.operations !== undefined) {
    throw usage('--rate and --operations cannot be had together', 'a rate is offered for a time: use --seconds');
  }
  for (const workload of options.workload ?? usualWorkloads(options)) {
    for (const scale of options.scale ?? [quick ? workloadTraits(workload).quickScale : 1]) {
      for (const heapBytes of heapsOf(options, workload, scale, memoryBytes)) {
        for (const settings of settingsOf(options)) {
          for (const way of ways(options, { ...settings, heapBytes }, leftOut)) {
            for (const mutators of options.mutators) {
              for (const gcWorkers of options.gcWorkers) {
                configs.push({
                  ...{ workload, scale, ...way, heapBytes, mutators, gcWorkers, seconds, seed, quick },
                  ...(rate !== undefined && { rate }),
                  ...settings,
                  ...(trace && { trace }),
                });
              }
            }
          }
        }
      }
    }
  }
  if (configs.length === 0) {
    const [first, ...rest] = leftOut;
    const more = rest.length ? ` (and ${rest.length} more combinations that cannot run)` : '';
    throw usage(`no legal combination is left: ${first}${more}`, adviceFor(options));
  }
  return { configs, leftOut: [...leftOut] };
}

/** What everything is compared on. A heap that was named is for one of them: they differ by a factor of eight. */
function usualWorkloads({ heap }: Options): WorkloadName[] {
  return heap === undefined ? ['javac', 'churn'] : ['javac'];
}

/** Flip and delivery have a default that always fits. */
function adviceFor({ flip, delivery }: Options): string {
  if (flip === undefined && delivery === undefined) return 'leave it out, or choose another --resolution';
  const given = [flip && '--flip', delivery && '--delivery'].filter(Boolean).join(' and ');
  return `leave ${given} out to get what fits`;
}

/** Every combination of the settings that were given; one without any when none was. */
function settingsOf(options: Options): Settings[] {
  let all: Settings[] = [{}];
  for (const name of settingNames) {
    const given = options[name];
    if (given === undefined) continue;
    const values = Array.isArray(given) ? given : [given];
    all = all.flatMap((before) => values.map((value) => ({ ...before, [name]: value })));
  }
  return all;
}

type Way = Pick<InvocationConfig, 'resolution' | 'delivery' | 'flip'>;

function ways(options: Options, heap: Settings & { heapBytes: number }, leftOut: Set<string>): Way[] {
  const legal: Way[] = [];
  for (const resolution of options.resolution) {
    for (const way of waysOf(resolution, options)) {
      const why = whyIllegal({ ...way, ...heap });
      if (why) leftOut.add(why);
      else legal.push(way);
    }
  }
  return legal;
}

/** What the options ask of one resolution. One that never faults has one way, whatever they say. */
function waysOf(resolution: ResolutionName, options: Options): Way[] {
  const traits: ResolutionTraits = resolutions[resolution];
  const asked = traits.faults ? options : undefined;
  const deliveries = asked?.delivery ?? [traits.deliveries[0]];
  const flips = asked?.flip ?? [traits.flips[0]];
  return deliveries.flatMap((delivery) => flips.map((flip) => ({ resolution, delivery, flip })));
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
  const settings = [rateText(config), ...departures(config)].filter((text) => text !== '');
  const besides = settings.length ? ` ${settings.join(', ')}` : '';
  return `${config.workload}${scale} ${wayText(config)} ${formatSize(config.heapBytes)}${threads}${besides}`;
}

/** What is offered, where there is a rate. */
export function rateText({ rate }: InvocationConfig): string {
  return rate === undefined ? '' : `${formatCount(rate)} op/s offered`;
}

/** How a configuration resolves faults, takes them, and flips: `continue·signal·bank`. A handler goes without saying. */
export function wayText({ resolution, delivery, flip }: Way): string {
  const said = [delivery === 'handler' ? 'none' : delivery, flip].filter((part) => part !== 'none');
  return [resolution, ...said].join('·');
}

/** The same text for the same configuration, whatever the order of its fields. */
export function configKey(config: InvocationConfig): string {
  return JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
}
