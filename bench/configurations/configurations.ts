/** From options to the configurations of a sweep: every legal combination once, in the table's order. */
import { totalmem } from 'node:os';
import { mostHeapBytes } from '../../heap/layout.js';
import { usage } from '../errors.js';
import {
  namesOf,
  type ResolutionName,
  type ResolutionTraits,
  resolutions,
  whyCrowded,
  whyIllegal,
} from '../options/choices.js';
import type { Multiple, Options } from '../options/options.js';
import { type OwnSettingName, ownSettingNames, settingNames } from '../options/setting-names.js';
import type { InvocationConfig } from '../schema/index.js';
import { approximateSize, formatSize, MiB } from '../sizes.js';
import {
  defaultHeapBytes,
  minimumHeapBytes,
  type WorkloadName,
  workloads,
  workloadTraits,
} from '../workloads/table.js';
import { shareText } from './describe.js';
import { MinimumHeaps, type MinimumKey, minimumHeapsToRead, timesOf } from './minimum-heaps.js';
import type { Settings } from './settings.js';

export interface Sweep {
  readonly configs: readonly InvocationConfig[];
  /** Combinations that cannot run, each with why; nobody is surprised by a missing column. */
  readonly leftOut: readonly string[];
}

/**
 * All legal combinations of the swept options. `minima` are the smallest heaps that multiples are of.
 * @throws Complaint when none is legal, or a heap is too small for its workload, too large for the machine, or a
 * multiple of what is not known.
 */
export function expand(
  options: Options,
  memoryBytes: number = totalmem(),
  minima: MinimumHeaps = new MinimumHeaps(minimumHeapsToRead(options.out)),
): Sweep {
  const configs: InvocationConfig[] = [];
  const leftOut = new Set<string>();
  const { seconds, seed, quick, operations, rate, turns, trace } = options;
  if (rate !== undefined && operations !== undefined) {
    throw usage('--rate and --operations cannot be had together', 'a rate is offered for a time: use --seconds');
  }
  const named = options.workload ?? usualWorkloads(options);
  refuseTurns(options, named);
  refuseStraySettings(options, named);
  refuseScales(options, named);
  for (const { workload, scale, mutators, settings, heap } of works(options, named)) {
    const share = shareOf(heap, { workload, scale, mutators, ...settings }, minima);
    refuseHeap(share.heapBytes, options, { workload, scale, mutators, ...settings }, minima, memoryBytes);
    for (const way of ways(options, { ...settings, heapBytes: share.heapBytes }, leftOut)) {
      for (const gcWorkers of options.gcWorkers) {
        const why = whyCrowded(gcWorkers, { ...way, ...settings });
        if (why) leftOut.add(why);
        if (why) continue;
        configs.push({
          ...{ workload, scale, ...way, ...share, mutators, gcWorkers, seconds, seed, quick },
          ...(operations !== undefined && { operations }),
          ...(rate !== undefined && { rate }),
          ...settings,
          ...(turns !== undefined && { turns }),
          ...(trace && { trace }),
        });
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

/**
 * What everything is compared on. A heap that was named is for one of them: they differ by a factor of eight. A setting
 * that is one workload's says which is meant.
 */
function usualWorkloads({ heap, ...options }: Options): WorkloadName[] {
  const given = ownSettingNames.filter((name) => options[name] !== undefined);
  if (given.length > 0) return namesOf(workloads).filter((workload) => given.some((name) => has(workload, name)));
  return heap?.some((one) => typeof one === 'number') ? ['javac'] : ['javac', 'churn'];
}

/** Flip and delivery have a default that always fits. */
function adviceFor({ flip, delivery }: Options): string {
  if (flip === undefined && delivery === undefined) return 'leave it out, or choose another --resolution';
  const given = [flip && '--flip', delivery && '--delivery'].filter(Boolean).join(' and ');
  return `leave ${given} out to get what fits`;
}

/** Whether a setting is this workload's. */
function has(workload: WorkloadName, name: OwnSettingName): boolean {
  return workloadTraits(workload).own?.[name] !== undefined;
}

/** @throws Complaint where a period cannot be measured in turns */
function refuseTurns(options: Options, named: readonly WorkloadName[]): void {
  if (options.turns === undefined) return;
  const other = (['operations', 'rate', 'trace'] as const).find((name) => options[name] !== undefined);
  if (other) throw usage(`--turns and --${other} cannot be had together`, 'leave one of them out');
  const whole = named.find((workload) => workloadTraits(workload).judgedBy !== 'operations');
  if (whole) throw usage(`${whole} cannot be measured in turns`, 'its collections are the work: leave --turns out');
}

/** @throws Complaint for a setting that none of the workloads has */
function refuseStraySettings(options: Options, named: readonly WorkloadName[]): void {
  for (const name of ownSettingNames) {
    if (options[name] === undefined || named.some((workload) => has(workload, name))) continue;
    const owners = namesOf(workloads).filter((workload) => has(workload, name));
    throw usage(
      `--${name} is for workload ${owners.join(' or ')}`,
      `use --workload ${owners.join(',')}, or leave it out`,
    );
  }
}

/** Every combination of the settings that were given, or that the workload has of its own; one without any for none. */
function settingsOf(options: Options, workload: WorkloadName): Settings[] {
  const traits = workloadTraits(workload);
  let all: Settings[] = [{}];
  for (const name of settingNames) {
    const isOwn = (ownSettingNames as readonly string[]).includes(name);
    if (isOwn && !has(workload, name as OwnSettingName)) continue;
    const given = options[name] ?? (isOwn ? traits.own?.[name as OwnSettingName] : undefined);
    if (given === undefined || (Array.isArray(given) && given.length === 0)) continue;
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

/** What is to be done, and in how much memory. */
interface AskedWork extends Pick<InvocationConfig, 'workload' | 'scale' | 'mutators'> {
  readonly settings: Settings;
  /** Bytes, or a multiple of the smallest. */
  readonly heap: number | Multiple;
}

function* works(options: Options, named: readonly WorkloadName[]): Generator<AskedWork> {
  for (const workload of named) {
    for (const scale of options.scale ?? [options.quick ? workloadTraits(workload).quickScale : 1]) {
      for (const heap of options.heap ?? [defaultHeapBytes(workload, scale, options)]) {
        for (const mutators of options.mutators) {
          for (const settings of settingsOf(options, workload)) yield { workload, scale, mutators, settings, heap };
        }
      }
    }
  }
}

function shareOf(
  heap: AskedWork['heap'],
  key: MinimumKey,
  minima: MinimumHeaps,
): Pick<InvocationConfig, 'heapBytes' | 'heapTimes'> {
  if (typeof heap === 'number') return { heapBytes: heap };
  return { heapBytes: minima.times(heap, key), heapTimes: timesOf(heap) };
}

/** @throws Complaint for a scale that one of the workloads cannot have */
function refuseScales({ scale = [] }: Options, named: readonly WorkloadName[]): void {
  const most = (workload: WorkloadName) => workloadTraits(workload).mostScale ?? 1;
  const largest = Math.max(...scale);
  const without = named.find((workload) => most(workload) < largest);
  if (without === undefined) return;
  const fitting = namesOf(workloads).filter((workload) => most(workload) >= largest);
  throw usage(
    `--scale ${shareText(largest)} is above ${most(without)}, the most for ${without}`,
    `use --workload ${fitting.join(',')}, which takes copies, or a smaller --scale`,
  );
}

/** @throws Complaint for a heap that the workload or the machine has no use for. */
function refuseHeap(heap: number, options: Options, key: MinimumKey, minima: MinimumHeaps, memoryBytes: number): void {
  const { workload, scale } = key;
  const least = Math.min(minimumHeapBytes(workload, scale, options), minima.of(key) ?? Number.POSITIVE_INFINITY);
  if (heap < least) {
    const live = approximateSize(workloadTraits(workload).liveBytes(scale, options));
    throw usage(
      `heap ${formatSize(heap)} is too small for ${workload} at scale ${shareText(scale)}, which keeps ${live} live`,
      `use --heap ${formatSize(least)} or more, or a smaller --scale`,
    );
  }
  const largest = mostHeapBytes();
  if (heap > largest) {
    throw usage(
      `heap ${formatSize(heap)} is more than references reach, ${formatSize(largest)}`,
      'use a smaller multiple, or a smaller --scale',
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
