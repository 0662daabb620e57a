/** Where a run takes place: read once, but for the load, which each invocation's line has as it began. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import type { KernelProbe } from '../../native/index.js';
import { packageRoot, packageVersion } from '../package.js';
import type { Environment } from '../schema/index.js';
import { readMachine, readMoment } from './machine.js';

/** What the addon's probe says of the kernel. */
export type ProbedKernel = Pick<KernelProbe, 'features' | 'openedBy' | 'transparentHugePages'>;

/** Reads the environment; the function it answers gives it with the load, memory and frequency of the moment. */
export function readEnvironment({ features, openedBy, transparentHugePages }: ProbedKernel): () => Environment {
  const fixed = {
    kernel: release(),
    cpu: cpus()[0]?.model.trim() || process.arch,
    cores: availableParallelism(),
    node: process.version,
    features: Object.entries(features).flatMap(([name, offered]) => (offered ? [name] : [])),
    commit: gitCommit(packageRoot),
    continuum: packageVersion,
    memoryBytes: totalmem(),
    transparentHugePages: {
      anonymous: transparentHugePages?.enabled ?? null,
      shmem: transparentHugePages?.shmem ?? null,
    },
    openedBy,
    ...readMachine(packageRoot),
  };
  return () => {
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    return { ...fixed, ...readMoment(), loadAverage: [one, five, fifteen] };
  };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** The commit a checkout is at, read from .git; null where there is none. */
export function gitCommit(root: string): string | null {
  const own = join(root, '.git');
  // In a linked worktree .git is a file that names the folder.
  const linked = /^gitdir: (.+)$/.exec(readText(own) ?? '')?.[1];
  const git = linked ? resolve(root, linked) : own;
  const head = readText(join(git, 'HEAD'));
  if (head === undefined) return null;
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  if (!ref) return head;
  const common = resolve(git, readText(join(git, 'commondir')) ?? '.');
  const packed = readText(join(common, 'packed-refs'))
    ?.split('\n')
    .find((line) => line.endsWith(` ${ref}`));
  return readText(join(common, ref)) ?? packed?.split(' ')[0] ?? null;
}
