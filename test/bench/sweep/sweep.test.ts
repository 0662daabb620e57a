import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Complaint } from '../../../bench/errors.js';
import { type InvocationConfig, isOwnLine, lineSchema, type ResultLine } from '../../../bench/schema/index.js';
import { runInvocation } from '../../../bench/sweep/child.js';
import { Progress } from '../../../bench/sweep/progress.js';
import { deadlineMs, runSweep, type SweepOptions } from '../../../bench/sweep/sweep.js';
import { endings } from '../../support/fake-invocation.js';
import { copyConfig, someConfig, someEnvironment } from '../../support/synthetic-results.js';

const script = fileURLToPath(new URL('../../support/fake-invocation.js', import.meta.url));
const ending = (name: keyof typeof endings): InvocationConfig => ({ ...someConfig, seed: endings[name] });

/** A screen that remembers. */
class Screen {
  text = '';
  constructor(readonly isTTY: boolean) {}
  write(text: string): void {
    this.text += text;
  }
}

type Wanted = Partial<SweepOptions> & { readonly invocations?: number };

function sweep(configs: InvocationConfig[], { invocations = 1, ...options }: Wanted = {}, screen = new Screen(false)) {
  const written: ResultLine[] = [];
  const rounds = Array.from({ length: invocations }, (_, invocation) => invocation);
  const outcome = runSweep({
    points: rounds.flatMap((invocation) => configs.map((config) => ({ config, invocation }))),
    script,
    writer: { append: (line) => void written.push(line) },
    progress: new Progress(screen),
    environment: () => someEnvironment,
    ...options,
  });
  return outcome.then((done) => ({ ...done, written, screen }));
}

/** The error a lone invocation's line ends with. */
async function errorOf(name: keyof typeof endings, options: Partial<SweepOptions> = {}) {
  const { written } = await sweep([ending(name)], options);
  assert.is(written.length, 1);
  assert.equal(lineSchema.parse(JSON.parse(JSON.stringify(written[0]))), written[0]);
  return written[0].error;
}

async function alive(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return false;
    }
    await sleep(20);
  }
  return true;
}

test('the deadline of a fixed amount of work grows with it, and not with a time that does not count', () => {
  const config = { ...someConfig, seconds: 1 };
  const of = (operations: number, workload: InvocationConfig['workload'] = 'churn') =>
    deadlineMs({ ...config, workload, operations });
  assert.is(of(1e6, 'churn'), deadlineMs({ ...config, workload: 'churn', seconds: 3600, operations: 1e6 }));
  assert.ok(of(1e8) > 50 * of(1e6) - 50 * deadlineMs(config));
  assert.ok(of(10, 'fullgc') > 600_000, 'full collections take a minute each at worst');
});

test('points are run in their order', async () => {
  const a = ending('ok');
  const b = { ...a, ...copyConfig };
  const { written, screen } = await sweep([a, b], { invocations: 2 });
  assert.equal(
    written.filter(isOwnLine).map(({ config, invocation, error }) => [config.resolution, invocation, error]),
    [
      ['continue', 0, undefined],
      ['copy', 0, undefined],
      ['continue', 1, undefined],
      ['copy', 1, undefined],
    ],
  );
  assert.is(screen.text.trimEnd().split('\n').length, 4);
  assert.match(screen.text, /^\[1\/4\] javac continue·bank 128MiB .*500,000 op\/s, 5 collections, digest ok\n/);
});

test('an error that was sent is the error of the line', async () => {
  assert.equal(await errorOf('error'), {
    code: 'OUT_OF_MEMORY',
    message: 'the heap is full',
    hint: 'use a larger --heap',
  });
});

test('a crash names the signal and the phase', async () => {
  const error = await errorOf('crash');
  assert.is(error?.code, 'CHILD_DIED');
  assert.match(error?.message ?? '', 'died of SIGSEGV in phase measure');
});

test('a process that somebody killed is told from one that crashed', async () => {
  const error = await errorOf('killed');
  assert.is(error?.code, 'KILLED');
  assert.match(error?.message ?? '', 'killed by SIGKILL in phase measure');
});

test('an uncaught throw names its message', async () => {
  const error = await errorOf('throws');
  assert.is(error?.code, 'CHILD_FAILED');
  assert.match(error?.message ?? '', 'exited with code 1 in phase measure: Error: nobody caught this');
});

test('no result, a bad result, no message at all', async () => {
  assert.is((await errorOf('noResult'))?.code, 'NO_RESULT');
  const bad = await errorOf('badResult');
  assert.is(bad?.code, 'BAD_MESSAGE');
  assert.match(bad?.message ?? '', 'compactionMBps');
  assert.is((await errorOf('notAMessage'))?.code, 'BAD_MESSAGE');
});

test('a measurement whose process ended badly is kept, with the error', async () => {
  const { written } = await sweep([ending('exitCode')]);
  assert.is(written[0].error?.code, 'CHILD_FAILED');
  assert.ok('operations' in written[0]);
});

test('a wrong digest and a run that never faulted are failures', async () => {
  assert.is((await errorOf('wrongDigest'))?.code, 'DIGEST');
  assert.is((await errorOf('neverFaulted'))?.code, 'NEVER_FAULTED');
});

test('the watchdog kills what hangs, and the sweep goes on', async () => {
  const began = Date.now();
  const configs = [ending('hang'), ending('ok')];
  const deadline = (config: Pick<InvocationConfig, 'seed'>) => (config.seed === endings.hang ? 700 : 20_000);
  const { written } = await sweep(configs, { deadline });
  assert.ok(Date.now() - began < 15_000);
  assert.is(written[0].error?.code, 'DEADLINE');
  assert.match(written[0].error?.message ?? '', 'killed by the watchdog after 700 ms');
  assert.is(written[1].error, undefined);
});

test('a process that measured and does not exit is ended', async () => {
  let pid = 0;
  const outcome = await runInvocation(ending('hangAtExit'), {
    script,
    deadlineMs: 20_000,
    exitGraceMs: 300,
    onProgress: ({ text }) => {
      pid = Number(text?.split(' ')[1]);
    },
  });
  assert.is(outcome.kind, 'measured');
  assert.is(outcome.kind === 'measured' ? outcome.error?.code : '', 'EXIT_HUNG');
  assert.not.ok(await alive(pid));
});

test('an interrupted sweep kills its process and keeps its lines', async () => {
  const controller = new AbortController();
  const written: ResultLine[] = [];
  const { interrupted, lines } = await sweep([ending('ok'), ending('hang'), ending('ok')], {
    signal: controller.signal,
    writer: { append: (line) => void written.push(line) },
    onLine: () => setTimeout(() => controller.abort(), 200),
  });
  assert.is(interrupted, true);
  assert.equal([lines.length, written.length], [1, 1]);
});

test('a script that is not there is an error row', async () => {
  const error = await errorOf('ok', { script: '/nowhere/invocation.js' });
  assert.is(error?.code, 'CHILD_FAILED');
});

test('a line that cannot be written ends the sweep', async () => {
  const append = () => {
    throw new Complaint('ENOSPC', 'cannot write results: the disk is full');
  };
  let caught: unknown;
  await sweep([ending('ok'), ending('ok')], { writer: { append } }).catch((error: unknown) => {
    caught = error;
  });
  assert.instance(caught, Complaint);
});

test('on a terminal one line is redrawn, elsewhere there is a line an invocation', () => {
  let now = 0;
  const screen = new Screen(true);
  const progress = new Progress(screen, () => now);
  progress.begin(0, 2, 'javac');
  for (let i = 0; i < 1000; i++) {
    now += 1;
    progress.update('measure', i / 1000, 'x'.repeat(200));
  }
  assert.ok(screen.text.split('\r').length <= 13);
  for (const part of screen.text.split('\r\u001b[K')) assert.ok(part.length < 80);
  progress.end('done');
  assert.ok(screen.text.endsWith('\r\u001b[K[1/2] javac  1 s  done\n'));
});

test.run();
