/** Sweeps that are killed, run into a full disk or lose an invocation, and what --resume makes of them. */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { complaintLine } from '../../../bench/errors.js';
import type { TypedOptions } from '../../../bench/options/options.js';
import { claim } from '../../../bench/results/claim.js';
import { type Point, pointKey } from '../../../bench/results/points.js';
import { readResults } from '../../../bench/results/results.js';
import type { ResultLine } from '../../../bench/schema/index.js';
import { resumedWork } from '../../../bench/sweep/work.js';
import { endings } from '../../support/fake-invocation.js';

const fake = fileURLToPath(new URL('../../support/fake-cli.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'continuum-resume-'));
/** Six points, and two. */
const sweep = ['bench', '--workload', 'javac', '--invocations', '3'];
const short = ['bench', '--workload', 'javac', '--invocations', '1'];

function run(args: readonly string[], shell?: string) {
  const command = shell ? ['bash', '-c', shell, process.execPath] : [process.execPath];
  const done = spawnSync(command[0], [...command.slice(1), fake, ...args], {
    ...{ encoding: 'utf8', cwd: root, timeout: 120_000, killSignal: 'SIGKILL' },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** The points that a command would run, in their order. */
function planned(args: readonly string[]): string[] {
  const { out, err } = run([...args, '--dry-run', '--json']);
  assert.match(out, /^\[/, err);
  return (JSON.parse(out) as Point[]).map(pointKey);
}

function resultsIn(folder: string): string {
  const [name] = readdirSync(join(root, folder)).filter((file) => file.endsWith('.jsonl'));
  return join(root, folder, name);
}

/** Asserts that a folder's one sweep has exactly the points it set out with; answers its lines. */
function assertComplete(folder: string, expected: readonly string[]): ResultLine[] {
  const lines = readResults(resultsIn(folder));
  assert.equal(lines.map(pointKey).sort(), [...expected].sort());
  assert.equal(lines.map(({ error }) => error).filter(Boolean), []);
  return lines;
}

test('a dry run says what would be run, in the order in which it is run, and runs nothing', () => {
  const { code, out } = run([...sweep, '--out', 'dry', '--dry-run']);
  assert.is(code, 0);
  const rows = out.trimEnd().split('\n');
  assert.is(rows.length, 7);
  assert.match(rows[0], /^1 {2}javac co.* 128MiB, invocation 1 {2}about \d+ s$/);
  assert.match(rows[6], /^6 invocations of 2 configurations, in this order; about \d.*Nothing was run\.$/);
  assert.not.ok(existsSync(join(root, 'dry')));
  const expected = planned([...sweep, '--out', 'dry']);
  assert.is(run([...sweep, '--out', 'wet']).code, 0);
  assert.equal(readResults(resultsIn('wet')).map(pointKey), expected);
});

test('a sweep whose process is killed in the middle, resumed, has the same points in the same order', async () => {
  const args = [...sweep, '--seed', String(endings.slow), '--out', 'killed'];
  const expected = planned(args);
  const child = spawn(process.execPath, [fake, ...args], { cwd: root, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const deadline = Date.now() + 20_000;
  const linesThere = () => {
    const files = existsSync(join(root, 'killed')) ? readdirSync(join(root, 'killed')) : [];
    return files.some((name) => name.endsWith('.jsonl')) ? readResults(resultsIn('killed')).length : 0;
  };
  while (linesThere() < 2 && Date.now() < deadline) await sleep(20);
  child.kill('SIGKILL');
  await ended;
  const there = linesThere();
  assert.ok(there >= 2 && there < expected.length, `${there} lines`);
  const before = readFileSync(resultsIn('killed'), 'utf8');

  assert.equal(planned(['bench', '--resume', 'killed']), expected.slice(there));
  const { code, err, out } = run(['bench', '--resume', 'killed']);
  assert.is(code, 0, err);
  assert.match(err, `${there} of 6 invocations are there`);
  assert.match(out, '6 result lines in killed/');
  assert.equal(assertComplete('killed', expected).map(pointKey), expected);
  assert.ok(readFileSync(resultsIn('killed'), 'utf8').startsWith(before));

  assert.not.ok(readdirSync(join(root, 'killed')).some((name) => name.endsWith('.lock')));
  const again = run(['bench', '--resume', 'killed']);
  assert.is(again.code, 0);
  assert.match(again.err, '6 of 6 invocations are there');
  assertComplete('killed', expected);
});

test('a sweep that is under way is not resumed beside itself, and one whose process was killed is', async () => {
  const args = [...short, '--seed', String(endings.hang), '--out', 'claimed'];
  const child = spawn(process.execPath, [fake, ...args], { cwd: root, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const folder = join(root, 'claimed');
  const locks = () => (existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.lock')) : []);
  for (const deadline = Date.now() + 20_000; locks().length === 0 && Date.now() < deadline; ) await sleep(20);
  try {
    const { code, err } = run(['bench', '--resume', 'claimed']);
    assert.is(code, 1);
    assert.match(err, new RegExp(`: process ${child.pid} is writing claimed/.*jsonl; wait until it has ended$`, 'm'));
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  const [lock] = locks();
  const release = claim(join(folder, lock.replace('.lock', '.jsonl'))); // what the dead one left is nobody's
  assert.match(readFileSync(join(folder, lock), 'utf8'), new RegExp(`^${process.pid} \\d+\n$`));
  release();
  assert.equal(locks(), []);
});

test('what was killed before its first line is resumed from its sweep alone', () => {
  assert.is(run([...short, '--out', 'early']).code, 0);
  const expected = readResults(resultsIn('early')).map(pointKey);
  rmSync(resultsIn('early'));
  assert.is(run(['start', '--resume', 'early']).code, 0);
  assertComplete('early', expected);
});

test('a torn last line is taken away, and lost points are run again, each by name', () => {
  cpSync(join(root, 'wet'), join(root, 'torn'), { recursive: true });
  const file = resultsIn('torn');
  const expected = readResults(file).map(pointKey);
  const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
  const failed = (row: string, code: string) => {
    const { schema, invocation, startedAt, config, environment } = JSON.parse(row) as ResultLine;
    return JSON.stringify({ schema, invocation, startedAt, config, environment, error: { code, message: 'it ended' } });
  };
  const kept = [failed(rows[0], 'KILLED'), failed(rows[1], 'OUT_OF_MEMORY'), failed(rows[2], 'DEADLINE'), rows[3]];
  writeFileSync(file, `${kept.join('\n')}\n${rows[4].slice(0, 100)}`);

  const { code, err, out } = run(['bench', '--resume', file.replace('.jsonl', '.sweep.json')]);
  assert.is(code, 1); // a heap that was too small is a result, and a failure
  assert.match(err, '2 of 6 invocations are there');
  assert.is(err.match(/^run again: javac co.*invocation 1, which ended by KILLED$/gm)?.length, 1);
  assert.is(err.match(/^run again: .*which ended by /gm)?.length, 2);
  assert.match(err, /the last line of .* was not whole/);
  const lines = readResults(file);
  assert.equal(lines.map(pointKey).sort(), expected.sort());
  assert.equal(
    lines.flatMap(({ error }) => error?.code ?? []),
    ['OUT_OF_MEMORY'],
  );
  assert.is(readFileSync(file, 'utf8').split('\n').length, 9); // the lost ones stay to be seen
  assert.match(out, /because .*OUT_OF_MEMORY/);
});

test('what --resume cannot do is one clear line', () => {
  const refused = (folder: string, expected: RegExp, typed: TypedOptions = {}) => {
    const resume = join(root, folder);
    try {
      resumedWork(resume, { ...typed, resume: [resume] });
      assert.unreachable(`${folder} was not refused`);
    } catch (error) {
      const line = complaintLine(error);
      assert.match(line, /^continuum: [^\n]+; [^\n]+$/);
      assert.match(line, expected);
    }
  };
  refused('absent', /there is no .*absent/);
  mkdirSync(join(root, 'empty'));
  refused('empty', /there is no sweep in .*empty/);
  refused('wet', /--resume and --heap do not go together/, { heap: ['256MiB'] });
  refused('wet', /--resume and --quick do not go together/, { quick: true });
  mkdirSync(join(root, 'several'));
  const sweeps = ['1', '2'].map((name) => join(root, 'several', `${name}.sweep.json`));
  for (const file of sweeps) cpSync(resultsIn('wet').replace('.jsonl', '.sweep.json'), file);
  refused('several', /2 sweeps in .* are unfinished: .*--resume .*several\/2\.sweep\.json/);
  assert.is(resumedWork(sweeps[0], {}).points.length, 6);
  writeFileSync(sweeps[0], '{"format":"continuum-sweep/1"}');
  refused('several/1.sweep.json', /1\.sweep\.json: startedAt: /);
  writeFileSync(sweeps[0], '{');
  refused('several/1.sweep.json', /cannot read the sweep/);
  writeFileSync(sweeps[0], readFileSync(sweeps[1], 'utf8').replace('"order":[[', '"order":[[7,0],['));
  refused('several/1.sweep.json', /the order is not one of its configurations/);
});

test('a sweep that began elsewhere is resumed with a warning, in every new line too', () => {
  assert.is(run([...short, '--out', 'moved']).code, 0);
  const file = resultsIn('moved');
  const sweepFile = file.replace('.jsonl', '.sweep.json');
  writeFileSync(sweepFile, readFileSync(sweepFile, 'utf8').replace('"kernel":"6.18.0"', '"kernel":"6.1.0"'));
  const [first] = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, `${first}\n`);
  const { err } = run(['bench', '--resume', 'moved']);
  assert.match(err, /warning: the sweep began with kernel 6\.1\.0, and this is 6\.18\.0/);
  const warned = readResults(file).map(({ environment }) => environment.warnings?.join() ?? '');
  assert.equal(
    warned.map((text) => text.includes('kernel 6.1.0')),
    [false, true],
  );
});

/** Runs a sweep into a folder that takes only so much, makes room, and resumes it. */
function fillsUp(folder: string, shell: string | undefined, why: RegExp, makeRoom: () => void): void {
  const args = [...sweep, '--out', folder];
  const expected = planned(args);
  const full = run(args, shell);
  assert.is(full.code, 1, full.err);
  assert.match(full.err, why);
  const text = readFileSync(resultsIn(folder), 'utf8');
  assert.ok(text.endsWith('\n'));
  const kept = readResults(resultsIn(folder)).length;
  assert.ok(kept > 0 && kept < expected.length, `${kept} lines`);
  makeRoom();
  const resumed = run(['bench', '--resume', folder]);
  assert.is(resumed.code, 0, resumed.err);
  assertComplete(folder, expected);
}

test('a file that may not grow further holds whole lines, and is resumed', () => {
  // 8 KiB: two lines.
  fillsUp('limited', 'ulimit -f 8; exec "$0" "$@"', /cannot write results to .*may not grow further/, () => {});
});

const mountpoint = join(root, 'disk');
const mounted =
  process.getuid?.() === 0 &&
  spawnSync('mkdir', [mountpoint]).status === 0 &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', mountpoint]).status === 0;
if (!mounted) console.log('skipped: a full disk needs a small tmpfs, and so root');

(mounted ? test : test.skip)('a disk that fills up holds whole lines, and is resumed when there is room', () => {
  fillsUp('disk', undefined, /cannot write results to .*the disk is full/, () => {
    assert.is(spawnSync('mount', ['-o', 'remount,size=1m', mountpoint]).status, 0);
  });
});

(mounted ? test : test.skip)('a disk that is full already is refused before anything runs', () => {
  for (const name of readdirSync(mountpoint)) rmSync(join(mountpoint, name));
  assert.is(spawnSync('mount', ['-o', 'remount,size=64k', mountpoint]).status, 0);
  try {
    for (;;) appendFileSync(join(mountpoint, 'filler'), 'x'.repeat(4096));
  } catch {
    // full
  }
  const { code, err } = run([...sweep, '--out', 'disk']);
  assert.is(code, 1);
  assert.match(err, /^continuum: cannot write results to .*the disk is full/m);
  assert.equal(readdirSync(mountpoint), ['filler']);
});

test.after(() => {
  if (mounted) spawnSync('umount', [mountpoint]);
  rmSync(root, { recursive: true, force: true });
});

test.run();
