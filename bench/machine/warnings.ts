/** What may disturb a run, said before a sweep and kept with each line of it. */
import { type Environment, isPeerConfig, type ResultLine, type SweepConfig } from '../schema/index.js';
import { approximateSize, formatDuration, MiB } from '../sizes.js';
import { median } from '../statistics/sample.js';

/** Above these shares of the processors' time others are noise: a median of a few invocations shows 2%. */
const limits = { starved: 0.5, others: 0.05, stolen: 0.02, busyBefore: 0.1, loadPerCore: 0.5 } as const;
/** What a process needs beside its heap: Node, threads, tables, the prepared graph. */
const besideHeapBytes = 256 * MiB;
/** Metadata, and pages that are there twice while a compaction by copy runs. */
const heapShare = 1.5;

/** What there is to say of this environment for this configuration; a field that is absent was not looked at. */
export function warningsOf(environment: Environment, config: SweepConfig): string[] {
  return [
    stoodStill(environment),
    noisyNeighbour(environment),
    tooFewCores(environment, config),
    ...hugePages(environment),
    frequency(environment),
    ...memory(environment, config),
    changedCheckout(environment),
  ].filter((text) => text !== undefined);
}

/** The environment with its warnings, together with those it has already. */
export function withWarnings(environment: Environment, config: SweepConfig): Environment {
  const warnings = [...(environment.warnings ?? []), ...warningsOf(environment, config)];
  return { ...environment, warnings: [...new Set(warnings)] };
}

/** Before a sweep: each warning once, however many of its configurations it is about. */
export function warningsOfAll(environment: Environment, configs: readonly SweepConfig[]): string[] {
  return [...new Set(configs.flatMap((config) => withWarnings(environment, config).warnings ?? []))];
}

/** After a sweep: how many of its invocations had neighbours, and how bad it was. */
export function neighboursIn(lines: readonly ResultLine[]): string | undefined {
  const shares = noisyShares(lines);
  if (shares.length === 0) return undefined;
  return `noisy neighbours in ${shares.length} of ${lines.length} invocations, up to ${most(shares)} of the processors' time`;
}

/** `others took up to 51% of the processors' time`; undefined where nobody took more than shows. */
export function othersIn(lines: readonly Pick<ResultLine, 'environment'>[]): string | undefined {
  const shares = noisyShares(lines);
  return shares.length === 0 ? undefined : `others took up to ${most(shares)} of the processors' time`;
}

/**
 * How much others took of the processors' time, as the median, where that was most of it: then what is measured is how a
 * program bears to be starved, which may go the other way, and changes with how much it is.
 */
export function starvedBy(lines: readonly Pick<ResultLine, 'environment'>[]): number | undefined {
  const taken = median(lines.map(({ environment: { beside } }) => (beside ? both(beside) : 0)));
  return taken > limits.starved ? taken : undefined;
}

function noisyShares(lines: readonly Pick<ResultLine, 'environment'>[]): number[] {
  return lines.flatMap(({ environment: { beside } }) => (beside && isNoisy(beside) ? [both(beside)] : []));
}

/** After a sweep: how many of its invocations were stopped in between. */
export function stopsIn(lines: readonly ResultLine[]): string | undefined {
  const stops = lines.flatMap(({ environment: { stoppedMs } }) => stoppedMs ?? []);
  if (stops.length === 0) return undefined;
  const most = formatDuration(Math.max(...stops));
  return `${stops.length} of ${lines.length} invocations stood still, for up to ${most}: their rates say nothing, run them again`;
}

function stoodStill({ stoppedMs }: Environment): string | undefined {
  if (stoppedMs === undefined) return undefined;
  return `the run stood still for ${formatDuration(stoppedMs)} (stopped, frozen or paused): its rate and times say nothing`;
}

type Beside = NonNullable<Environment['beside']>;
const isNoisy = ({ others, stolen }: Beside) => others > limits.others || stolen > limits.stolen;
const both = ({ others, stolen }: Beside) => others + stolen;
const most = (shares: readonly number[]) => percent(Math.max(...shares));
const percent = (share: number) => `${Math.round(100 * share)}%`;

function noisyNeighbour({ busyBefore = 0, beside, loadAverage, cores }: Environment): string | undefined {
  if (beside && beside.stolen > limits.stolen) {
    return `noisy neighbour: the hypervisor gave ${percent(beside.stolen)} of the processors' time to others`;
  }
  if (beside) {
    if (beside.others <= limits.others) return undefined;
    return `noisy neighbour: other processes used ${percent(beside.others)} of the processors' time`;
  }
  if (busyBefore > limits.busyBefore) {
    return `noisy neighbour: ${percent(busyBefore)} of the processors' time is in use before anything has begun`;
  }
  if (loadAverage[0] <= limits.loadPerCore * cores) return undefined;
  return `noisy neighbour: the load over the last minute is ${loadAverage[0].toFixed(1)} on ${cores} cores`;
}

function tooFewCores({ cores }: Environment, config: SweepConfig): string | undefined {
  const { mutators, gcWorkers } = config;
  const servers = faultServersOf(config);
  const threads = mutators + gcWorkers + servers;
  if (threads <= cores) return undefined;
  const named = [
    counted(mutators, 'mutator'),
    counted(gcWorkers, 'collector worker'),
    ...(servers > 0 ? [counted(servers, 'fault server')] : []),
  ];
  return `too few cores: ${named.join(' + ')} are ${threads} threads on ${cores}, and wait for each other`;
}

function faultServersOf(config: SweepConfig): number {
  if (isPeerConfig(config) || config.delivery !== 'handler') return 0;
  return config.faultServers ?? config.userfaultfds ?? 1;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function hugePages({ transparentHugePages: { anonymous, shmem } }: Environment): string[] {
  const where = '/sys/kernel/mm/transparent_hugepage';
  const says = (setting: string, memory: string, file: string) =>
    `transparent huge pages are '${setting}' for ${memory} memory: the kernel joins and splits pages beside the run; ` +
    `echo madvise > ${where}/${file}`;
  return [
    ...(anonymous === 'always' ? [says(anonymous, 'anonymous', 'enabled')] : []),
    ...(shmem === 'always' || shmem === 'force' ? [says(shmem, 'shared', 'shmem_enabled')] : []),
  ];
}

function frequency({ frequency, virtual }: Environment): string | undefined {
  if (frequency === undefined || frequency.governor === 'performance') return undefined;
  if (frequency.governor !== null) {
    return `the frequency governor is '${frequency.governor}': cpupower frequency-set -g performance`;
  }
  const why = virtual ? ', as in most virtual machines' : '';
  return `the frequency governor is not known${why}: the clock may change from run to run`;
}

function memory(environment: Environment, { heapBytes }: SweepConfig): string[] {
  const { availableBytes, memoryLimitBytes, swap } = environment;
  const wanted = heapShare * heapBytes + besideHeapBytes;
  const says: string[] = [];
  const had = Math.min(availableBytes ?? Number.POSITIVE_INFINITY, memoryLimitBytes ?? Number.POSITIVE_INFINITY);
  if (had < wanted) {
    const limit = had === memoryLimitBytes ? 'its cgroup may have' : 'is to be had';
    says.push(`low memory: a heap of ${approximateSize(heapBytes)}, and ${approximateSize(had)} ${limit}`);
  }
  if (swap && swap.usedBytes > 0) says.push(`swap is in use, ${approximateSize(swap.usedBytes)}: swapoff -a`);
  return says;
}

function changedCheckout({ modified, commit }: Environment): string | undefined {
  if (modified !== true) return undefined;
  return `the checkout has changes that are not committed: ${commit?.slice(0, 12) ?? 'the commit'} does not say what ran`;
}
