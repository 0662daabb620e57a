/** What a paper has to say of the machine beyond its kernel and processor, from /proc, /sys and the addon's own file. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../schema/index.js';
import { KiB } from '../sizes.js';

type Fixed = Pick<
  Environment,
  'modified' | 'addon' | 'smt' | 'virtual' | 'memoryLimitBytes' | 'maxMapCount' | 'frequency'
>;
type Moving = Pick<Environment, 'frequency' | 'availableBytes' | 'swap'>;

/** What stays as it is during a sweep. `root` is the package's folder, and `fs` stands before every path in tests. */
export function readMachine(root: string, fs = ''): Fixed {
  const read = (path: string) => readText(fs + path);
  return {
    modified: isModified(root),
    ...readAddon(join(root, 'native/build/Release/continuum.node')),
    smt: flag(read('/sys/devices/system/cpu/smt/active')),
    virtual: virtualMachine(read),
    memoryLimitBytes: memoryLimit(read),
    maxMapCount: number(read('/proc/sys/vm/max_map_count')),
  };
}

/** What may change from one invocation to the next. */
export function readMoment(fs = ''): Moving {
  const read = (path: string) => readText(fs + path);
  const info = read('/proc/meminfo') ?? '';
  const bytes = (name: string) => {
    const kib = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(info)?.[1];
    return kib === undefined ? undefined : Number(kib) * KiB;
  };
  const [available, total, free] = ['MemAvailable', 'SwapTotal', 'SwapFree'].map(bytes);
  return {
    frequency: frequency(read),
    ...(available !== undefined && { availableBytes: available }),
    ...(total !== undefined && free !== undefined && { swap: { totalBytes: total, usedBytes: total - free } }),
  };
}

type Read = (path: string) => string | undefined;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function number(text: string | undefined): number | null {
  return text === undefined || text === '' || Number.isNaN(Number(text)) ? null : Number(text);
}

function flag(text: string | undefined): boolean | null {
  return text === undefined ? null : text === '1';
}

function frequency(read: Read): Environment['frequency'] {
  const of = '/sys/devices/system/cpu/cpu0/cpufreq/';
  const khz = number(read(`${of}scaling_cur_freq`));
  const listed = number(/^cpu MHz\s*: (.+)$/m.exec(read('/proc/cpuinfo') ?? '')?.[1]);
  const noTurbo = flag(read('/sys/devices/system/cpu/intel_pstate/no_turbo'));
  return {
    governor: read(`${of}scaling_governor`) ?? null,
    mhz: khz === null ? listed : khz / 1000,
    boost: noTurbo === null ? flag(read('/sys/devices/system/cpu/cpufreq/boost')) : !noTurbo,
  };
}

/** By the flag every x86 hypervisor sets, named by what the firmware calls the machine. */
function virtualMachine(read: Read): string | null {
  const name = [read('/sys/class/dmi/id/sys_vendor'), read('/sys/class/dmi/id/product_name')].filter(Boolean).join(' ');
  if (/^flags\s*:.* hypervisor( |$)/m.test(read('/proc/cpuinfo') ?? '')) return name || 'unnamed';
  return read('/sys/hypervisor/type') ?? null;
}

/** The least limit from the process's own memory cgroup up to the topmost; version 1 writes a huge number for none. */
function memoryLimit(read: Read): number | null {
  const groups = read('/proc/self/cgroup') ?? '';
  const v1 = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(groups)?.[1];
  const v2 = /^0::(.*)$/m.exec(groups)?.[1];
  const limits = [
    ...above(v1).map((path) => number(read(`/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`))),
    ...above(v2).map((path) => number(read(`/sys/fs/cgroup${path}/memory.max`))),
  ].filter((limit) => limit !== null && limit < 2 ** 62);
  return limits.length ? Math.min(...(limits as number[])) : null;
}

/** A path and those above it; in a namespace of its own a process may see a path that is not there. */
function above(path: string | undefined): string[] {
  if (path === undefined) return [];
  return path === '/' ? [''] : [path, ...above(dirname(path))];
}

/** The compiler leaves its name in the file. */
function readAddon(file: string): Pick<Environment, 'addon'> {
  try {
    const bytes = readFileSync(file);
    const compiler = /(?:GCC: \([^)\0]*\) [\w.]+|clang version [\w.]+)/.exec(bytes.toString('latin1'))?.[0] ?? null;
    return { addon: { compiler, sha256: createHash('sha256').update(bytes).digest('hex').slice(0, 16) } };
  } catch {
    return {};
  }
}

/** Git's own word; null without git or outside a checkout. */
function isModified(root: string): boolean | null {
  const args = ['-C', root, 'status', '--porcelain', '--untracked-files=no'];
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8', timeout: 5000 });
  return status === 0 ? stdout.trim() !== '' : null;
}
