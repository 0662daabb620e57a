import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  obstacle,
  type ProbeVerdict,
  requireAll,
  requireRunnable,
  runnable,
} from '../../../bench/commands/preflight.js';
import { Complaint, complaintLine } from '../../../bench/errors.js';
import { gitCommit, readEnvironment } from '../../../bench/machine/environment.js';
import { packageVersion } from '../../../bench/package.js';
import { environmentSchema, type InvocationConfig } from '../../../bench/schema/index.js';
import { type KernelProbe, probeKernel } from '../../../native/index.js';
import { someConfig } from '../../support/synthetic-results.js';

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
  assert.equal(runnable(able), ['continue', 'copy', 'move', 'protect', 'stw']);
  requireRunnable(able, ['continue', 'copy']);
});

test('without permission the line says what to change', () => {
  const missing = { what: 'userfaultfd(0)', why: 'EPERM, not permitted', remedy: 'run as root', essential: true };
  const probe: ProbeVerdict = { openedBy: null, checks: allOf(skipped), missing: [missing] };
  assert.equal(runnable(probe), ['protect', 'stw']); // which need no userfaultfd
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
      'use a newer kernel, or run --resolution copy,move,protect,stw alone',
  );
});

/** The line that a configuration is refused with. */
function refusal(probe: ProbeVerdict, config: Partial<InvocationConfig>): string {
  try {
    requireAll(probe, [{ ...someConfig, ...config }]);
  } catch (error) {
    assert.instance(error, Complaint);
    return complaintLine(error);
  }
  return 'not refused';
}

const lacking = (what: string) => ({ what, why: 'this kernel is old', remedy: 'use a newer kernel', essential: false });
const failing = (check: keyof KernelProbe['checks'], feature?: string): ProbeVerdict => ({
  ...able,
  checks: { ...allOf(ok), [check]: { outcome: 'failed', detail: 'it did not work' } as const },
  missing: feature ? [lacking(feature)] : [],
});

test('move is refused with the kernel that it needs', () => {
  const move = { resolution: 'move', flip: 'remap' } as const;
  assert.is(
    refusal(failing('move', 'MOVE'), move),
    'continuum: move cannot run here: it needs Linux 6.8, which brought MOVE; ' +
      'use a newer kernel, or run --resolution continue,copy,protect,stw alone',
  );
  assert.match(refusal(failing('move'), move), /move cannot run here: move: it did not work; see continuum probe/);
  assert.is(refusal(failing('move', 'MOVE'), {}), 'not refused');
});

test('signals, the kernel barrier and poison are refused where the kernel lacks them, and only to those who want them', () => {
  const signal = failing('sigbus');
  assert.match(refusal(signal, { delivery: 'signal' }), /delivery signal cannot run here: sigbus.*--delivery handler/);
  assert.is(refusal(signal, { resolution: 'protect', delivery: 'signal' }), 'not refused'); // SIGSEGV needs nothing
  const barrier = failing('wp-async', 'WP_ASYNC');
  assert.match(refusal(barrier, { barrier: 'kernel' }), /--barrier kernel cannot run here: it needs Linux 6\.7/);
  assert.is(refusal(barrier, { barrier: 'software' }), 'not refused');
  const poison = { ...able, missing: [lacking('POISON')] };
  assert.match(refusal(poison, { poison: true }), /--poison cannot run here: it needs Linux 6\.6, .*leave it out/);
  assert.is(refusal(able, { poison: true, barrier: 'kernel', delivery: 'signal' }), 'not refused');
});

test('huge pages must be reserved, enough for the heap', () => {
  const pages = { pages: '2M', heapBytes: 128 * 2 ** 20 } as const;
  const reserved = (total: number, free: number): ProbeVerdict => ({ ...able, hugePages: { total, free } });
  assert.is(refusal(reserved(70, 65), pages), 'not refused');
  assert.match(refusal(reserved(70, 64), pages), /takes 65 huge pages, and 64 .*sysctl vm\.nr_hugepages=71/);
  assert.is(refusal(reserved(0, 0), {}), 'not refused');
  const broken = { ...failing('hugetlb-minor'), hugePages: { total: 70, free: 70 } };
  assert.match(refusal(broken, pages), /--pages 2M cannot run here: hugetlb-minor: it did not work.*--pages 4K/);
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
