/** The command line of a peer: its runtime, told the heap and the threads, and the workload, told the rest. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { operationsShareOf, warmUpSecondsOf } from '../invocation/warm-up.js';
import type { PeerConfig } from '../schema/index.js';
import { MiB } from '../sizes.js';
import { type Candidate, threadFlags } from './collectors.js';
import { gcLogName } from './gc-log.js';
import type { Command } from './process.js';

/** `name=value` each, the same for Java and for V8; operations are those of each mutator. */
export function workArguments(config: PeerConfig): string[] {
  const { workload, scale, mutators, seed, seconds } = config;
  const share = operationsShareOf(config);
  const all = {
    ...{ workload, scale, mutators, seed, warmUpSeconds: warmUpSecondsOf(config), seconds },
    ...(share && { operations: share.measure, warmUpOperations: share.warmUp }),
  };
  return Object.entries(all).map(([name, value]) => `${name}=${value}`);
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
