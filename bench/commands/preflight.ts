/** Whether the kernel lets a configuration run, and what to change where it does not. */
import type { CheckName, FeatureName, KernelProbe } from '../../native/index.js';
import { pageBytesOf } from '../configurations/settings.js';
import { Complaint } from '../errors.js';
import { namesOf, type ResolutionName, type ResolutionTraits, resolutions } from '../options/choices.js';
import type { InvocationConfig } from '../schema/index.js';

/** The part of the probe that this is decided by. */
export type ProbeVerdict = Pick<KernelProbe, 'openedBy' | 'checks' | 'missing'> &
  Partial<Pick<KernelProbe, 'hugePages'>>;

/** Something that a configuration needs of the kernel. */
interface Need {
  /** What cannot be had without it. */
  readonly what: string;
  readonly check?: CheckName;
  readonly feature?: FeatureName;
  /** The Linux that brought it. */
  readonly since?: string;
  /** What to do without it. */
  readonly instead: string;
}

/** Resolutions that can run here. */
export function runnable(probe: ProbeVerdict): ResolutionName[] {
  return namesOf(resolutions).filter((name) => {
    const { check }: ResolutionTraits = resolutions[name];
    return check === undefined || probe.checks[check].outcome === 'ok';
  });
}

/** Why a resolution cannot run and what to do about it; undefined when it can. */
export function obstacle(probe: ProbeVerdict, name: ResolutionName): Complaint | undefined {
  const { check, feature, since }: ResolutionTraits = resolutions[name];
  if (check === undefined || probe.checks[check].outcome === 'ok') return undefined;
  if (probe.openedBy === null) {
    const first = probe.missing.find(({ essential }) => essential);
    const why = first ? `: ${first.what}: ${first.why}` : '';
    return new Complaint('NO_USERFAULTFD', `no userfaultfd is to be had${why}`, first?.remedy ?? tryProbe);
  }
  const instead = `run --resolution ${runnable(probe).join(',')} alone`;
  return unmet(probe, { what: name, check, instead, ...(feature && { feature }), ...(since && { since }) });
}

const tryProbe = 'see continuum probe';

/** The complaint about a need; undefined where it is met. */
function unmet(probe: ProbeVerdict, { what, check, feature, since, instead }: Need): Complaint | undefined {
  const missing = [feature, check].flatMap((name) => probe.missing.filter((one) => one.what === name))[0];
  const detail = check && probe.checks[check].outcome !== 'ok' ? `${check}: ${probe.checks[check].detail}` : undefined;
  if (check ? detail === undefined : missing === undefined) return undefined;
  const lacks = missing && missing.what === feature && since;
  const because = missing ? `${missing.what}: ${missing.why}` : detail;
  const why = lacks ? `it needs Linux ${since}, which brought ${feature}` : because;
  return new Complaint(
    'CANNOT_RUN',
    `${what} cannot run here: ${why}`,
    `${missing?.remedy ?? tryProbe}, or ${instead}`,
  );
}

/** What a configuration needs besides its resolution. */
function needsOf({ resolution, delivery, barrier, poison }: InvocationConfig): Need[] {
  const { watched }: ResolutionTraits = resolutions[resolution];
  const needs: Need[] = [];
  if (watched && delivery === 'signal') {
    needs.push({ what: 'delivery signal', check: 'sigbus', instead: 'use --delivery handler' });
  }
  if (barrier === 'kernel') {
    const what = '--barrier kernel';
    needs.push({ what, check: 'wp-async', feature: 'WP_ASYNC', since: '6.7', instead: 'use --barrier software' });
  }
  if (poison) needs.push({ what: '--poison', feature: 'POISON', since: '6.6', instead: 'leave it out' });
  return needs;
}

/** Huge pages are reserved beforehand, for the heap and the region of null in front of it. */
function tooFewHugePages(probe: ProbeVerdict, config: InvocationConfig): Complaint | undefined {
  const pageBytes = pageBytesOf(config);
  if (config.pages !== '2M' || pageBytes === undefined || probe.hugePages === undefined) return undefined;
  const { total, free } = probe.hugePages;
  const wanted = config.heapBytes / pageBytes + 1;
  if (free >= wanted) return undefined;
  const enough = total - free + wanted;
  return new Complaint(
    'CANNOT_RUN',
    `--pages 2M cannot run here: the heap takes ${wanted} huge pages, and ${free} are reserved and free`,
    `reserve them: sysctl vm.nr_hugepages=${enough}, or use a smaller --heap`,
  );
}

/** @throws Complaint for the first of the resolutions that cannot run. */
export function requireRunnable(probe: ProbeVerdict, names: readonly ResolutionName[]): void {
  for (const name of new Set(names)) refuse(obstacle(probe, name));
}

/** @throws Complaint for the first of the configurations that cannot run. */
export function requireAll(probe: ProbeVerdict, configs: readonly InvocationConfig[]): void {
  requireRunnable(
    probe,
    configs.map(({ resolution }) => resolution),
  );
  for (const config of configs) {
    for (const need of needsOf(config)) refuse(unmet(probe, need));
    refuse(tooFewHugePages(probe, config));
    if (config.pages === '2M') refuse(unmet(probe, hugeMinor));
  }
}

const hugeMinor: Need = { what: '--pages 2M', check: 'hugetlb-minor', instead: 'use --pages 4K' };

function refuse(complaint: Complaint | undefined): void {
  if (complaint) throw complaint;
}
