/** What is read of the machine, who else is on it, and what is said about it. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readEnvironment } from '../../../bench/machine/environment.js';
import { readMachine, readMoment } from '../../../bench/machine/machine.js';
import { besideOf, readTicks, type Ticks, ticksOf, watchNeighbours } from '../../../bench/machine/neighbours.js';
import { neighboursIn, warningsOf, warningsOfAll, withWarnings } from '../../../bench/machine/warnings.js';
import { packageRoot } from '../../../bench/package.js';
import { type Environment, environmentSchema, type InvocationConfig } from '../../../bench/schema/index.js';
import { GiB, MiB } from '../../../bench/sizes.js';
import { probeKernel } from '../../../native/index.js';
import { someConfig, someEnvironment, someResult } from '../../support/synthetic-results.js';

const root = mkdtempSync(join(tmpdir(), 'continuum-machine-'));

/** A folder that stands for /, with these files. */
function machine(name: string, files: Record<string, string>): string {
  const fs = join(root, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(fs, path)), { recursive: true });
    writeFileSync(join(fs, path), `${text}\n`);
  }
  return fs;
}

test('this machine is what the schema says, and has what a paper needs', () => {
  const environment = environmentSchema.parse(readEnvironment(probeKernel())());
  assert.match(environment.addon?.compiler ?? '', /^(GCC: |clang version )/);
  assert.match(environment.addon?.sha256 ?? '', /^[0-9a-f]{16}$/);
  assert.ok((environment.availableBytes ?? 0) > 0);
  assert.ok((environment.maxMapCount ?? 0) > 0);
  assert.ok(environment.frequency !== undefined && environment.swap !== undefined);
});

test('frequency, memory, limits and the virtual machine are read from where Linux keeps them', () => {
  const fs = machine('metal', {
    'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'powersave',
    'sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '2400000',
    'sys/devices/system/cpu/intel_pstate/no_turbo': '0',
    'sys/devices/system/cpu/smt/active': '1',
    'proc/cpuinfo': 'flags\t\t: fpu vme\ncpu MHz\t\t: 800.5',
    'proc/meminfo': 'MemTotal:  100 kB\nMemAvailable:    2048 kB\nSwapTotal:  1024 kB\nSwapFree:  256 kB',
    'proc/self/cgroup': '0::/user/app',
    'sys/fs/cgroup/user/memory.max': '3000',
    'sys/fs/cgroup/user/app/memory.max': 'max',
    'proc/sys/vm/max_map_count': '65530',
  });
  assert.equal(readMoment(fs), {
    frequency: { governor: 'powersave', mhz: 2400, boost: true },
    availableBytes: 2 * MiB,
    swap: { totalBytes: MiB, usedBytes: 768 * 1024 },
  });
  const { smt, virtual, memoryLimitBytes, maxMapCount } = readMachine(packageRoot, fs);
  assert.equal([smt, virtual, memoryLimitBytes, maxMapCount], [true, null, 3000, 65530]);
});

test('a virtual machine without any of it is said to be one', () => {
  const fs = machine('virtual', {
    'proc/cpuinfo': 'flags\t\t: fpu hypervisor lm\ncpu MHz\t\t: 2596.1',
    'sys/class/dmi/id/sys_vendor': 'QEMU',
    'proc/self/cgroup': '4:memory:/a/b\n0::/',
    'sys/fs/cgroup/memory/a/memory.limit_in_bytes': '4096',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
  });
  assert.equal(readMoment(fs), { frequency: { governor: null, mhz: 2596.1, boost: null } });
  const { virtual, memoryLimitBytes } = readMachine(packageRoot, fs);
  assert.equal([virtual, memoryLimitBytes], ['QEMU', 4096]);
  const nothing = readMachine(root, machine('nothing', { x: '' }));
  const unknown = { modified: null, smt: null, virtual: null, memoryLimitBytes: null, maxMapCount: null };
  assert.equal(nothing, unknown);
});

test('ticks are those of proc(5), and shares are of all processors', () => {
  const before = ticksOf(
    'cpu  100 10 50 800 20 5 15 7 3 2\ncpu0 …',
    '12 (a) b) R 1 1 1 0 -1 4 1 1 1 1 30 20 9 1 20 0',
  ) as Ticks;
  assert.equal(before, { all: 1007, busy: 180, stolen: 7, own: 60 });
  const after = { all: 1207, busy: 290, stolen: 17, own: 140 };
  assert.equal(besideOf(before, after), { others: 30 / 200, stolen: 10 / 200 });
  assert.equal(besideOf(before, { ...after, own: 300 }), { others: 0, stolen: 10 / 200 }); // counted at other moments
  assert.is(besideOf(before, { ...after, all: 1010 }), undefined);
  assert.is(besideOf(undefined, after), undefined);
  assert.is(ticksOf('intr 1', ''), undefined);
});

test('a neighbour is seen, and a child of ours is none', async () => {
  const spin = 'while (process.cpuUsage().user < 800_000);'; // µs of its own, however long that takes here
  const ended = (child: ReturnType<typeof spawn>) => new Promise((resolve) => child.on('close', resolve));
  const before = readTicks();
  await ended(spawn(process.execPath, ['-e', spin]));
  const after = readTicks();
  assert.ok(before && after);
  assert.ok(after.own - before.own > 30, 'the time of an ended child is our own');
  const stop = watchNeighbours();
  const stranger = spawn('setsid', ['-f', process.execPath, '-e', spin], { stdio: 'ignore' });
  await ended(stranger); // which leaves the one that spins to init
  await sleep(1600);
  const { beside } = stop(); // still at it, or done: it was there
  assert.ok(beside && beside.others > 0, JSON.stringify(beside));
});

const quiet: Environment = {
  ...someEnvironment,
  modified: false,
  frequency: { governor: 'performance', mhz: 3000, boost: false },
  availableBytes: 8 * GiB,
  swap: { totalBytes: GiB, usedBytes: 0 },
  memoryLimitBytes: null,
  busyBefore: 0.01,
  loadAverage: [0.1, 0.1, 0.1],
};
const warned = (environment: Partial<Environment>, config: Partial<InvocationConfig> = {}) =>
  warningsOf({ ...quiet, ...environment }, { ...someConfig, ...config }).join('\n');

test('a quiet machine has nothing said against it, and one that was not looked at neither', () => {
  assert.is(warned({}), '');
  assert.equal(warningsOf(someEnvironment, someConfig), []);
});

test('each warning names its figure and what to do', () => {
  assert.match(warned({ busyBefore: 0.4 }), /^noisy neighbour: 40% of the processors' time is in use before/);
  assert.match(
    warned({ loadAverage: [3.25, 0, 0] }),
    /^noisy neighbour: the load over the last minute is 3\.3 on 4 cores/,
  );
  // Once the run is over, what ran beside it counts, and the load is its own.
  const beside = { others: 0.01, stolen: 0 };
  assert.is(warned({ loadAverage: [3.25, 0, 0], busyBefore: 0.4, beside }), '');
  assert.match(warned({ beside: { others: 0.2, stolen: 0 } }), /other processes used 20% of/);
  assert.match(warned({ beside: { others: 0, stolen: 0.03 } }), /the hypervisor gave 3% of/);
  assert.match(
    warned({ cores: 2 }),
    /^too few cores: 1 mutator \+ 1 collector worker \+ 1 fault server are 3 threads on 2, and wait/,
  );
  assert.is(warned({ cores: 2 }, { delivery: 'signal' }), '');
  assert.match(warned({ cores: 4 }, { mutators: 2, faultServers: 2 }), /2 fault servers are 5 threads on 4/);
  assert.match(warned({ cores: 4 }, { mutators: 2, userfaultfds: 2 }), /2 fault servers are 5 threads on 4/);
  const thp = warned({ transparentHugePages: { anonymous: 'always', shmem: 'force' } });
  assert.match(
    thp,
    /'always' for anonymous memory: .*echo madvise > .*\/enabled\n.*'force' for shared .*shmem_enabled$/,
  );
  assert.match(
    warned({ frequency: { governor: 'powersave', mhz: 800, boost: null } }),
    /governor is 'powersave': cpupower frequency-set -g performance/,
  );
  const unknown = { governor: null, mhz: null, boost: null };
  assert.match(warned({ frequency: unknown, virtual: 'KVM' }), /is not known, as in most virtual machines/);
  assert.match(warned({ availableBytes: 300 * MiB }), /^low memory: a heap of 128 MiB, and 300 MiB is to be had/);
  assert.match(warned({ memoryLimitBytes: 256 * MiB }), /and 256 MiB its cgroup may have/);
  assert.match(warned({ swap: { totalBytes: GiB, usedBytes: MiB } }), /^swap is in use, 1 MiB: swapoff -a/);
  assert.match(warned({ modified: true, commit: 'abcdef0123456789' }), /abcdef012345 does not say what ran/);
});

test('warnings are kept with the line, each once, and said once before a sweep', () => {
  const noted = withWarnings({ ...quiet, cores: 2, warnings: ['of the sweep'] }, someConfig);
  assert.is(noted.warnings?.length, 2);
  assert.equal(withWarnings(noted, someConfig).warnings, noted.warnings);
  const configs = [someConfig, { ...someConfig, delivery: 'signal' as const }, { ...someConfig, seed: 2 }];
  assert.is(warningsOfAll({ ...quiet, cores: 2 }, configs).length, 1);
});

test('after a sweep, how many invocations had neighbours', () => {
  const beside = (others: number, stolen = 0) => ({
    ...someResult(),
    environment: { ...quiet, beside: { others, stolen } },
  });
  assert.is(neighboursIn([someResult(), beside(0.01)]), undefined);
  assert.match(neighboursIn([beside(0.01), beside(0.5), beside(0, 0.1)]) ?? '', /in 2 of 3 invocations, up to 50%/);
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
