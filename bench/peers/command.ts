/** The command line of a peer: its runtime, told the heap and the threads, and the workload, told the rest. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PeerConfig } from '../schema.js';
import { MiB } from '../sizes.js';
import { workloadsByName } from '../workloads/index.js';
import { type Candidate, threadFlags } from './collectors.js';
import type { Command } from './process.js';

/** What is left of the warm-up with `quick`, as for ours. */
const quickShare = 0.1;

/** The warm-up of so many operations, as a share of them. */
const warmUpShare = 0.25;

/** `name=value` each, the same for Java and for V8; operations are those of each mutator. */
export function workArguments(config: PeerConfig): string[] {
  const { workload, scale, mutators, seed, seconds, quick } = config;
  const warmUpSeconds = workloadsByName[workload].warmUpSeconds * (quick ? quickShare : 1);
  const all = { workload, scale, mutators, seed, warmUpSeconds, seconds, ...operationsOf(config, warmUpSeconds) };
  return Object.entries(all).map(([name, value]) => `${name}=${value}`);
}

function operationsOf({ operations, mutators, quick }: PeerConfig, warmUpSeconds: number): Record<string, number> {
  if (operations === undefined) return {};
  const each = Math.ceil(operations / mutators);
  const warmUp = warmUpSeconds > 0 ? Math.ceil(each * warmUpShare * (quick ? quickShare : 1)) : 0;
  return { operations: each, warmUpOperations: warmUp };
}

/** `folder` gets the log, and all that a crash leaves behind. */
export function javaCommand(
  config: PeerConfig,
  { peer, java, flags }: Candidate,
  classes: string,
  folder: string,
): Command {
  const { heapBytes, gcWorkers, mutators, workload } = config;
  return {
    file: join(java.home, 'bin/java'),
    folder,
    arguments: [
      ...[`-Xms${heapBytes}`, `-Xmx${heapBytes}`, ...flags, ...threadFlags(peer, gcWorkers, mutators)],
      // Our fullgc touches all of its heap before, as a program has that ran for a while; here is a flag for it.
      ...(workload === 'fullgc' ? ['-XX:+AlwaysPreTouch'] : []),
      ...['-XX:+ExitOnOutOfMemoryError', '-XX:-UsePerfData', '-XX:-CreateCoredumpOnCrash'],
      `-Xlog:gc*,safepoint:file=${gcLogName}:timenanos,tags:filecount=0`,
      ...['-cp', classes, 'Peer', ...workArguments(config)],
    ],
  };
}

/** In the folder it runs in, so that no path has to be quoted. */
export const gcLogName = 'gc.log';

export function v8Command(config: PeerConfig, folder: string): Command {
  const { heapBytes, gcWorkers, workload } = config;
  return {
    file: process.execPath,
    folder,
    arguments: [
      `--max-old-space-size=${heapBytes / MiB}`,
      `--v8-pool-size=${gcWorkers}`,
      ...(workload === 'fullgc' ? ['--expose-gc'] : []),
      ...[fileURLToPath(new URL('./v8/main.js', import.meta.url)), ...workArguments(config)],
    ],
  };
}
