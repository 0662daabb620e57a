import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gitCommit, readEnvironment } from '../../bench/environment.js';
import { Complaint, complaintLine } from '../../bench/errors.js';
import { packageVersion } from '../../bench/package.js';
import { obstacle, type ProbeVerdict, requireRunnable, runnable } from '../../bench/preflight.js';
import { environmentSchema } from '../../bench/schema.js';
import { type KernelProbe, probeKernel } from '../../native/index.js';

const root = mkdtempSync(join(tmpdir(), 'continuum-environment-'));

test('the environment is what the schema says', () => {
  const probe = probeKernel();
  const environment = readEnvironment(probe)();
  environmentSchema.parse(environment);
  assert.is(environment.continuum, packageVersion);
  assert.is.not(packageVersion, '0.0.0');
  assert.is(environment.openedBy, probe.openedBy);
});

test('the commit is found wherever git keeps it', () => {
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  };
  assert.is(gitCommit(root), null);
  write('.git/HEAD', 'ref: refs/heads/main');
  assert.is(gitCommit(root), null);
  write('.git/packed-refs', '# pack-refs\nabc refs/heads/main\ndef refs/heads/other');
  assert.is(gitCommit(root), 'abc');
  write('.git/refs/heads/main', '123');
  assert.is(gitCommit(root), '123');
  write('.git/worktrees/w/HEAD', 'ref: refs/heads/main');
  write('.git/worktrees/w/commondir', '../..');
  write('w/.git', 'gitdir: ../.git/worktrees/w');
  assert.is(gitCommit(join(root, 'w')), '123');
  write('.git/HEAD', '456');
  assert.is(gitCommit(root), '456');
});

const ok = { outcome: 'ok', detail: '' } as const;
const skipped = { outcome: 'skipped', detail: 'there is no userfaultfd' } as const;
const allOf = (result: KernelProbe['checks']['copy']): KernelProbe['checks'] => ({
  'minor-continue': result,
  copy: result,
  move: result,
  sigbus: result,
  'wp-async': result,
  'hugetlb-minor': result,
});
const able: ProbeVerdict = { openedBy: 'userfaultfd(0)', checks: allOf(ok), missing: [] };

test('where everything works nothing is refused', () => {
  assert.equal(runnable(able), ['continue', 'copy']);
  requireRunnable(able, ['continue', 'copy']);
});

test('without permission the line says what to change', () => {
  const missing = { what: 'userfaultfd(0)', why: 'EPERM, not permitted', remedy: 'run as root', essential: true };
  const probe: ProbeVerdict = { openedBy: null, checks: allOf(skipped), missing: [missing] };
  assert.equal(runnable(probe), []);
  assert.is(
    complaintLine(obstacle(probe, 'copy')),
    'continuum: no userfaultfd is to be had: userfaultfd(0): EPERM, not permitted; run as root',
  );
});

test('without minor faults continue is refused, and copy is named instead', () => {
  const missing = { what: 'MINOR_SHMEM', why: 'this kernel is old', remedy: 'use a newer kernel', essential: true };
  const checks = { ...allOf(ok), 'minor-continue': { outcome: 'failed', detail: 'not offered' } as const };
  const probe: ProbeVerdict = { ...able, checks, missing: [missing] };
  requireRunnable(probe, ['copy']);
  let refused: unknown;
  try {
    requireRunnable(probe, ['copy', 'continue']);
  } catch (error) {
    refused = error;
  }
  assert.instance(refused, Complaint);
  assert.is(
    complaintLine(refused),
    'continuum: continue cannot run here: MINOR_SHMEM: this kernel is old; ' +
      'use a newer kernel, or run --resolution copy alone',
  );
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
