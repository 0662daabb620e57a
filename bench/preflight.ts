/** Whether the kernel lets a resolution run, and what to change where it does not. */
import type { KernelProbe } from '../native/index.js';
import { namesOf, type ResolutionName, type ResolutionTraits, resolutions } from './choices.js';
import { Complaint } from './errors.js';

/** The part of the probe that this is decided by. */
export type ProbeVerdict = Pick<KernelProbe, 'openedBy' | 'checks' | 'missing'>;

/** Resolutions that can run here. */
export function runnable(probe: ProbeVerdict): ResolutionName[] {
  return namesOf(resolutions).filter((name) => probe.checks[resolutions[name].check].outcome === 'ok');
}

/** Why a resolution cannot run and what to do about it; undefined when it can. */
export function obstacle(probe: ProbeVerdict, name: ResolutionName): Complaint | undefined {
  const traits: ResolutionTraits = resolutions[name];
  const check = probe.checks[traits.check];
  if (check.outcome === 'ok') return undefined;
  if (probe.openedBy === null) {
    const first = probe.missing.find(({ essential }) => essential);
    const why = first ? `: ${first.what}: ${first.why}` : '';
    return new Complaint('NO_USERFAULTFD', `no userfaultfd is to be had${why}`, first?.remedy ?? tryProbe);
  }
  const missing = [traits.feature, traits.check].flatMap((what) => probe.missing.filter((one) => one.what === what))[0];
  const others = runnable(probe);
  const instead = others.length ? `, or run --resolution ${others.join(',')} alone` : '';
  const why = missing ? `${missing.what}: ${missing.why}` : `${traits.check}: ${check.detail}`;
  return new Complaint('CANNOT_RUN', `${name} cannot run here: ${why}`, `${missing?.remedy ?? tryProbe}${instead}`);
}

const tryProbe = 'see continuum probe';

/** @throws Complaint for the first of the resolutions that cannot run. */
export function requireRunnable(probe: ProbeVerdict, names: readonly ResolutionName[]): void {
  for (const name of new Set(names)) {
    const complaint = obstacle(probe, name);
    if (complaint) throw complaint;
  }
}
