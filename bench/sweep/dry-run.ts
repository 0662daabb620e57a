/** `--dry-run`: what would be run, in its order, and about how long it takes. */
import { describeConfig } from '../configurations/describe.js';
import { warmUpSecondsOf } from '../invocation/warm-up.js';
import { inGroups, type Point } from '../results/points.js';
import type { SweepConfig } from '../schema/index.js';
import { formatDuration, GiB } from '../sizes.js';
import { sum } from '../statistics/sample.js';
import { workloadsByName } from '../workloads/index.js';
import { workloadTraits } from '../workloads/table.js';

/**
 * What an invocation takes beside warm-up and measured time: to start, to prepare what its mutators share, and to set up
 * and check live memory. From its processor time outside the measured period on a machine of 2.6 GHz.
 */
const startMs = 700;
const prepareMs = 2500;
const setUpMsPerGiB = 10_000;

/** About how long an invocation takes, ms; without the measured time where that is a number of operations. */
export function aboutMs(config: SweepConfig): number {
  const { workload, scale, seconds, operations } = config;
  const live = workloadTraits(workload).liveBytes(scale) / GiB;
  const { prepare } = workloadsByName[workload];
  return (
    startMs +
    (prepare ? prepareMs : 0) +
    live * setUpMsPerGiB +
    warmUpSecondsOf(config) * 1000 +
    (operations === undefined ? seconds * 1000 : 0)
  );
}

/** Side by side they set up and warm up together, and are measured one at a time. */
function aboutMsTogether(points: readonly Point[]): number {
  const measured = points.map(({ config }) => config.seconds * 1000);
  const besides = points.map(({ config }, i) => aboutMs(config) - measured[i]);
  return points.length === 1 ? aboutMs(points[0].config) : Math.max(...besides) + sum(measured);
}

/** The points as text, one a line, and a line about all of them. */
export function renderDryRun(points: readonly Point[]): string {
  const rows = points.map(({ config, invocation }, index) => {
    const number = String(index + 1).padStart(String(points.length).length);
    return `${number}  ${describeConfig(config)}, invocation ${invocation + 1}  about ${rounded(aboutMs(config))}`;
  });
  const configs = new Set(points.map(({ config }) => config)).size;
  const all = inGroups(points).reduce((total, group) => total + aboutMsTogether(group), 0);
  const counts = `${counted(points.length, 'invocation')} of ${counted(configs, 'configuration')}`;
  const unknown = points.some(({ config }) => config.operations !== undefined);
  const besides = unknown ? ', and what the operations take' : '';
  return [...rows, `${counts}, in this order; about ${rounded(all)}${besides}. Nothing was run.`].join('\n');
}

/** The same for programs: points, each with `aboutMs`. */
export function dryRunJson(points: readonly Point[]): string {
  return JSON.stringify(points.map((point) => ({ ...point, aboutMs: aboutMs(point.config) })));
}

function rounded(ms: number): string {
  return formatDuration(Math.round(ms / 1000) * 1000);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
