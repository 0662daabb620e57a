/** From `--peer` to what is run beside our own configurations, and what is not and why. */
import { configKey } from '../configurations/describe.js';
import type { InvocationConfig, PeerConfig } from '../schema/index.js';
import { type Candidate, type CollectorName, flavoursOf, leastRelease } from './collectors.js';
import { askJava, findJavaHomes, type JavaHome, type Places, starts, usualPlaces } from './java-homes.js';
import { type PeerName, peerWorkloads } from './names.js';

/** The runtimes that peers run on, found once. */
export interface Runtimes {
  readonly candidates: readonly Candidate[];
  /** Collectors that were asked for and are not to be had, each with why. */
  readonly leftOut: readonly string[];
}

export interface PeerPlan {
  readonly configs: readonly PeerConfig[];
  readonly leftOut: readonly string[];
}

/** What runs V8 here. */
export const v8Runtime = `Node ${process.versions.node}, V8 ${process.versions.v8.replace(/-.*$/, '')}`;

export async function findRuntimes(peers: readonly PeerName[], places: Places = usualPlaces): Promise<Runtimes> {
  const wanted = peers.filter((peer): peer is CollectorName => peer !== 'v8');
  if (wanted.length === 0) return { candidates: [], leftOut: [] };
  const homes = findJavaHomes(places);
  const javas = await Promise.all(homes.map(askJava));
  const leftOut: string[] = [];
  const usable: JavaHome[] = [];
  for (const [i, java] of javas.entries()) {
    const why = whyUnusable(java);
    if (why) leftOut.push(`peers on ${java?.runtime ?? homes[i]}: ${why}`);
    // The same version twice is the same collector twice: the one that is preferred stands for both.
    else if (java && !usable.some(({ runtime }) => runtime === java.runtime)) usable.push(java);
  }
  if (usable.length === 0) {
    const how = `install JDK ${leastRelease} or later (apt install openjdk-17-jdk-headless), or set JAVA_HOME`;
    leftOut.push(`${wanted.join(', ')}: no JDK in JAVA_HOME, on PATH or in ${places.folders.join(', ')}; ${how}`);
  }
  const asked = usable.flatMap((java) =>
    wanted.flatMap((peer) => flavoursOf(peer, java.release).map((flavour): Candidate => ({ ...flavour, java }))),
  );
  const started = await Promise.all(asked.map(({ java, flags }) => starts(java, flags)));
  for (const [i, { peer, mode, java }] of asked.entries()) {
    if (!started[i]) leftOut.push(`${mode ? `${mode} ` : ''}${peer}: ${java.runtime} in ${java.home} has none`);
  }
  return { candidates: asked.filter((_, i) => started[i]), leftOut };
}

function whyUnusable(java: JavaHome | undefined): string | undefined {
  if (java === undefined) return 'its java does not say that it is an OpenJDK or HotSpot';
  if (java.release < leastRelease) return `the workloads need ${leastRelease} or later`;
  return java.compiles ? undefined : 'it has no javac; install its JDK';
}

/** Each peer once for each workload, size and heap of our own. */
export function planPeers(
  peers: readonly PeerName[],
  configs: readonly InvocationConfig[],
  { candidates, leftOut }: Runtimes,
): PeerPlan {
  const planned = new Map<string, PeerConfig>();
  const reasons = new Set(peers.length > 0 ? leftOut : []);
  for (const config of configs) {
    if (peers.length === 0) break;
    if (!peerWorkloads.includes(config.workload)) {
      reasons.add(
        `peers of ${config.workload}: it has no version for them; there is one of ${peerWorkloads.join(', ')}`,
      );
      continue;
    }
    if (config.rate !== undefined) {
      reasons.add('peers with --rate: theirs run as fast as they can, and their latency would not compare');
      continue;
    }
    for (const one of peersOf(peers, config, candidates, reasons)) planned.set(configKey(one), one);
  }
  return { configs: [...planned.values()], leftOut: [...reasons] };
}

function peersOf(
  peers: readonly PeerName[],
  config: InvocationConfig,
  candidates: readonly Candidate[],
  reasons: Set<string>,
): PeerConfig[] {
  const { workload, scale, heapBytes, heapTimes, mutators, gcWorkers, seconds, operations, seed, quick } = config;
  const what = {
    ...{ workload, scale, heapBytes, mutators, gcWorkers, seconds, seed, quick },
    ...(heapTimes !== undefined && { heapTimes }),
    ...(operations !== undefined && { operations }),
  };
  return peers.flatMap((peer): PeerConfig[] => {
    if (peer !== 'v8') {
      const found = candidates.filter((candidate) => candidate.peer === peer);
      return found.map(({ mode, java }) => ({ peer, runtime: java.runtime, ...(mode && { mode }), ...what }));
    }
    if (mutators === 1) return [{ peer, runtime: v8Runtime, ...what }];
    reasons.add('v8 with more than one mutator: a heap of V8 has one thread');
    return [];
  });
}
