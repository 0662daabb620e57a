import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type KernelProbe, probeKernel } from '../../native/probe.js';

const script = fileURLToPath(new URL('../support/native-probe.js', import.meta.url));

function simulated(what: string): KernelProbe {
  process.env.CONTINUUM_SIMULATE = what;
  try {
    return probeKernel();
  } finally {
    delete process.env.CONTINUUM_SIMULATE;
  }
}

function probeAsUser(uid: number): KernelProbe {
  const done = spawnSync(process.execPath, [script, String(uid)], { timeout: 60_000, encoding: 'utf8' });
  assert.is(done.status, 0, done.stderr);
  return JSON.parse(done.stdout);
}

test('the probe says what there is, and for what is missing why and what to do', () => {
  const probe = probeKernel();
  assert.ok(probe.pageSize >= 4096 && probe.cores >= 1 && probe.memfd);
  assert.is(probe.uid, process.getuid!());
  assert.is(probe.ways.length, 3);
  for (const way of probe.ways) assert.is(way.detail === '', way.ok);
  for (const { what, why, remedy } of probe.missing) {
    for (const line of [what, why, remedy]) assert.ok(line.length > 2 && !line.includes('\n'), `${what}: ${line}`);
  }
  assert.equal(JSON.parse(JSON.stringify(probe)), probe); // plain data
});

test('every check either works here or says why not', () => {
  const { checks, features, missing } = probeKernel();
  for (const [name, { outcome, detail }] of Object.entries(checks)) {
    assert.is(outcome === 'ok', detail === '', name);
    assert.is(outcome === 'ok', !missing.some(({ what }) => what === name), name);
  }
  if (features.MINOR_SHMEM) {
    assert.equal(checks['minor-continue'], { outcome: 'ok', detail: '' });
    assert.equal(checks.sigbus, { outcome: 'ok', detail: '' });
  }
  assert.is(checks.copy.outcome, 'ok');
  if (features.MOVE) assert.is(checks.move.outcome, 'ok');
  if (features.WP_ASYNC) assert.equal(checks['wp-async'], { outcome: 'ok', detail: '' });
});

test('where no huge page is free, the probe says how to reserve some', () => {
  const { hugePages, missing, checks } = probeKernel();
  if (hugePages.free > 0) {
    assert.is.not(checks['hugetlb-minor'].outcome, 'skipped');
    return;
  }
  const remedy = missing.find(({ what }) => what === 'hugetlb-minor')!.remedy;
  assert.match(remedy, new RegExp(`64 MiB: as root, echo ${hugePages.total + 33} > /proc/sys/vm/nr_hugepages`));
});

test('it leaves nothing behind', () => {
  probeKernel();
  const before = readdirSync('/proc/self/fd').length;
  for (let i = 0; i < 20; i++) probeKernel();
  assert.ok(readdirSync('/proc/self/fd').length <= before + 2);
});

test('a kernel without userfaultfd', () => {
  const { openedBy, missing, checks, features } = simulated('no-userfaultfd');
  assert.is(openedBy, null);
  assert.is(missing.filter(({ essential }) => essential).length, 3);
  assert.match(missing[0]!.remedy, /CONFIG_USERFAULTFD|another kernel/);
  assert.is(checks.copy.outcome, 'skipped');
  assert.not.ok(features.MOVE);
});

test('a user who may not', () => {
  const { openedBy, missing } = simulated('not-permitted');
  assert.is(openedBy, null);
  assert.match(
    missing.map(({ remedy }) => remedy).join('\n'),
    /vm\.unprivileged_userfaultfd=1[\s\S]*chgrp[\s\S]*seccomp/,
  );
});

test('a user who may see faults of user code only', () => {
  const { openedBy, missing, checks } = simulated('user-mode');
  assert.is(openedBy, 'UFFD_USER_MODE_ONLY');
  assert.not.ok(
    missing.some(({ essential }) => essential),
    'heaps need no more',
  );
  assert.is(checks['minor-continue'].outcome, 'ok');
  assert.is(checks.sigbus.outcome, 'ok');
});

test('a kernel without minor faults on shared memory', () => {
  const { openedBy, missing, checks } = simulated('no-minor');
  assert.is.not(openedBy, null);
  assert.equal(
    missing.filter(({ essential }) => essential).map(({ what }) => what),
    ['MINOR_SHMEM', 'minor-continue'],
  );
  assert.is(checks['minor-continue'].outcome, 'failed');
  assert.match(checks['minor-continue'].detail, /Linux 5\.14/);
  assert.is(checks.copy.outcome, 'ok');
});

if (process.getuid!() === 0) {
  test('an ordinary user, really', () => {
    const probe = probeAsUser(65534);
    assert.is(probe.uid, 65534);
    const [full, , userMode] = probe.ways;
    assert.is(full!.ok, probe.unprivilegedUserfaultfd ?? false);
    assert.ok(userMode!.ok);
    for (const name of ['minor-continue', 'sigbus', 'wp-async'] as const)
      assert.is(probe.checks[name].outcome, 'ok', name);
  });
} else {
  console.log('skipped: an ordinary user, really (this process is one already)');
}

test.run();
