import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { optionTable } from '../../../bench/options/options.js';
import { readResults } from '../../../bench/results/results.js';
import { lineSchema, resultSchema } from '../../../bench/schema/index.js';
import { endings } from '../../support/fake-invocation.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const fake = at('../../support/fake-cli.js');
const real = at('../../../bench/cli.js');
const root = mkdtempSync(join(tmpdir(), 'continuum-cli-'));

const bench = ['bench', '--workload', 'javac'];

function run(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const { CONTINUUM_DEBUG: _, ...clean } = process.env;
  const done = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    cwd: root,
    env: { ...clean, ...env },
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** Asserts: not 0, one line on standard error, nothing on standard output, nothing written. */
function refuses(args: readonly string[], expected: RegExp, code = 2, env: Record<string, string> = {}): void {
  const before = readdirSync(root);
  const done = run(real, args, env);
  const what = `continuum ${args.join(' ')}: ${done.err}`;
  assert.is(done.code, code, what);
  assert.is(done.out, '', what);
  assert.match(done.err, /^continuum: [^\n]+; [^\n]+\n$/, what);
  assert.match(done.err, expected, what);
  assert.equal(readdirSync(root), before, what);
}

test('help names every option with its default, and has examples', () => {
  const { code, out, err } = run(real, ['bench', '--help']);
  assert.is(code, 0);
  assert.is(err, '');
  for (const { flag } of Object.values(optionTable)) assert.match(out, `--${flag}`);
  assert.is(out.match(/default:/g)?.length, Object.keys(optionTable).length);
  assert.match(out, 'Examples:');
  for (const args of [['--help'], ['start', '-h'], ['probe', '--help'], ['graph', '--help'], ['help', 'bench']]) {
    const done = run(real, args);
    assert.is(done.code, 0);
    assert.match(done.out, 'Usage: continuum');
  }
  assert.match(run(real, ['--version']).out, /^\d+\.\d+\.\d+\n$/);
});

test('help, mistyped options and mistyped values need no addon', () => {
  const without = { NODE_OPTIONS: '--no-addons' };
  for (const command of [[], ['bench'], ['start'], ['report'], ['minheap'], ['kick-the-tires']]) {
    assert.is(run(real, [...command, '--help'], without).code, 0, command.join(' '));
  }
  refuses(['bench', '--workloat', 'javac'], /did you mean --workload/, 2, without);
  refuses(['bench', '--workload', 'jvac'], /did you mean javac/, 2, without);
  refuses(['minheap', '--scale', '0'], /scale/, 2, without);
  assert.is(run(real, ['probe'], without).code, 1, 'there was no addon');
});

test('bad input is one clear line', () => {
  refuses([], /no command given/);
  refuses(['bnech'], /unknown command 'bnech'; did you mean bench\?/);
  refuses(['bench', '--resoluton', 'copy'], /unknown option '--resoluton'; did you mean --resolution\?/);
  refuses(['bench', '--zzz'], /unknown option '--zzz'; see continuum bench --help/);
  refuses(['bench', '--heap'], /argument missing/);
  refuses(['bench', 'churn'], /too many arguments/);
  refuses(['bench', '--resolution', 'contniue'], /did you mean continue\?/);
  refuses(['bench', '--heap', '64GB'], /write 64GiB/);
  refuses(['bench', '--heap', '16MiB'], /too small for javac/);
  refuses(['bench', '--resolution', 'copy', '--flip', 'bank'], /no legal combination/);
  refuses(['start', '--seconds', 'soon'], /not a duration/);
  refuses(['start', '--workload', 'churn'], /unknown option '--workload'/);
  refuses(['graph', 'import', 'dump.hprof'], /required option '-o, --out <file>'/);
  refuses(['graph', 'info', join(root, 'absent')], /absent/, 1);
  refuses(['graph', 'import', 'absent.hprof', '-o', join(root, 'no/x')], /there is no folder/, 1);
});

test('an unwritable results folder is refused before anything runs', () => {
  writeFileSync(join(root, 'file'), '');
  const done = run(fake, ['bench', '--out', 'file']);
  assert.is(done.code, 1);
  assert.is(
    done.err,
    'continuum: cannot write results to file: it exists and is not a folder; name another folder with --out\n',
  );
  assert.is(done.out, '');
});

test('a run: progress, table, verdict, file', () => {
  const { code, out, err } = run(fake, [...bench, '--invocations', '2', '--out', 'ran']);
  assert.is(code, 0);
  assert.is(err.match(/^\[\d\/4\] .* digest ok/gm)?.length, 4);
  assert.match(out, 'javac: heap 128MiB');
  assert.match(out, /Throughput: undecided, ratio 1\.00, because 2 invocations of each show too little/);
  const [report, file] = readdirSync(join(root, 'ran')).sort();
  assert.match(out, `report: ran/${report}\n`);
  assert.match(readFileSync(join(root, 'ran', report), 'utf8'), /^<!doctype html>[\s\S]*<\/html>\n$/);
  assert.match(out, `4 result lines in ran/${file}`);
  assert.is(readResults(join(root, 'ran', file)).length, 4);
  assert.not.match(out, '\u001b');
});

test('with --json there is nothing but JSON on standard output', () => {
  const { out } = run(fake, [...bench, '--json', '--quick', '--out', 'json']);
  const lines = out.trimEnd().split('\n');
  assert.is(lines.length, 2);
  for (const line of lines) lineSchema.parse(JSON.parse(line));
});

test('a reader that leaves ends the sweep without a stack trace', () => {
  const command = '"$0" "$1" bench --json --out pipe | head -1 | cut -c1-10';
  const done = spawnSync('sh', ['-c', command, process.execPath, fake], { encoding: 'utf8', cwd: root });
  assert.is(done.stdout, '{"schema":\n');
  assert.not.match(done.stderr, /Error|EPIPE/);
});

test('start runs javac and churn by both resolutions, in turns, and ends with an answer for each', () => {
  const { code, out } = run(fake, ['start', '--quick', '--out', 'start']);
  assert.is(code, 0);
  const [file] = readdirSync(join(root, 'start')).filter((name) => name.endsWith('.jsonl'));
  const ran = readResults(join(root, 'start', file)).map((line) => resultSchema.parse(line).config);
  assert.equal([...new Set(ran.map(({ turns }) => turns))], [0.5]);
  const [, answers] = out.split('\njavac: continue·bank against copy·remap: undecided, ratio 1.00, because one ');
  assert.match(answers, /\nchurn: continue·bank against copy·remap: undecided, [\s\S]*\n\n4 result lines in /);
  assert.equal(ran.map(({ workload, resolution }) => `${workload} ${resolution}`).sort(), [
    'churn continue',
    'churn copy',
    'javac continue',
    'javac copy',
  ]);
});

test('what is left out is said, and failures decide the exit code', () => {
  const args = [...bench, '--flip', 'bank', '--quick', '--out', 'failed'];
  const { code, err, out } = run(fake, [...args, '--seed', String(endings.wrongDigest)]);
  assert.is(code, 1);
  assert.match(err, 'left out: copy cannot flip by bank');
  assert.match(err, /\ncontinuum: javac continue·bank .*, invocation 1: the digest of the graph is wrong/);
  assert.match(out, '1 of 1');
});

test('every way at a glance, javac and churn in one table', () => {
  const { code, out, err } = run(fake, ['bench', '--resolution', 'continue,copy,move', '--quick', '--out', 'many']);
  assert.is(code, 0, err);
  const overview = out.slice(0, out.indexOf('\nthroughput\n'));
  assert.match(overview, /built\/updated\/as is/);
  assert.match(overview, /javac: .*\n[\s\S]*move·remap.*\nchurn: /);
  for (const line of out.split('\n')) assert.ok(line.length <= 100, line);
});

async function interrupt(signal: NodeJS.Signals, seed: number) {
  const out = `signal-${signal}-${seed}`;
  const args = [...bench, '--invocations', '20', '--seed', String(seed), '--out', out];
  const child = spawn(process.execPath, [fake, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000);
  // The folder shows that the sweep has begun, the first line that an invocation is over.
  const under = () => (seed === endings.slow ? err.includes('[1/40]') : existsSync(join(root, out)));
  while (!under() && child.exitCode === null) await sleep(20);
  await sleep(300);
  child.kill(signal);
  const code = await ended;
  clearTimeout(deadline);
  return { code, err, folder: join(root, out) };
}

test('Ctrl-C keeps the lines there are and says so', async () => {
  const { code, err, folder } = await interrupt('SIGINT', endings.slow);
  assert.is(code, 130);
  const [file] = readdirSync(folder);
  const kept = readResults(join(folder, file)).length;
  assert.ok(kept >= 1 && kept < 40);
  assert.match(err, new RegExp(`continuum: interrupted; ${kept} result lines? (is|are) kept in `));
});

test('an interrupt before the first line leaves nothing behind', async () => {
  const { code, err, folder } = await interrupt('SIGTERM', endings.hang);
  assert.is(code, 130);
  assert.match(err, /^continuum: interrupted; nothing was measured yet\n$/m);
  assert.not.ok(existsSync(folder));
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
