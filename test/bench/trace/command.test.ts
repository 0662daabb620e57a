// deadline: 900s
/** `bench --trace` and `continuum trace`, from end to end. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readResults } from '../../../bench/results/results.js';
import { faultsTaken, isResult, type Result } from '../../../bench/schema/index.js';
import { traceFormat } from '../../../bench/trace/file.js';
import { stormFaults } from '../../../bench/trace/storm.js';
import type { TraceSummary } from '../../../bench/trace/summary.js';
import { TraceKind } from '../../../heap/trace-records.js';
import { someConfig } from '../../support/synthetic-results.js';
import { type TraceEvent, traceEventFileSchema } from '../../support/trace-event-format.js';
import { bytesOf, type MadeUp } from '../../support/trace-records.js';

const cli = fileURLToPath(new URL('../../../bench/cli.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'continuum-traced-'));
const place = (name: string) => join(root, name);

function continuum(...args: string[]) {
  const done = spawnSync(process.execPath, [cli, ...args], {
    encoding: 'utf8',
    timeout: 600_000,
    killSignal: 'SIGKILL',
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const ok = (...args: string[]): string => {
  const { code, out, err } = continuum(...args);
  assert.is(code, 0, err);
  return out;
};

/** Complete events of a thread nest, or viewers drop them. µs. */
function assertNested(events: readonly TraceEvent[]): void {
  const threads = new Map<number, { begin: number; end: number; name: string }[]>();
  for (const event of events) {
    if (event.ph !== 'X') continue;
    const ours = threads.get(event.tid) ?? [];
    threads.set(event.tid, ours);
    ours.push({ begin: event.ts, end: event.ts + event.dur, name: event.name });
  }
  for (const spans of threads.values()) {
    spans.sort((a, b) => a.begin - b.begin || b.end - a.end);
    const open: typeof spans = [];
    for (const span of spans) {
      while (open.length > 0 && open.at(-1)!.end <= span.begin + 1e-3) open.pop();
      const around = open.at(-1);
      if (around !== undefined) {
        assert.ok(
          span.end <= around.end + 0.1,
          `${span.name} ${span.begin}–${span.end} in ${around.name}–${around.end}`,
        );
      }
      open.push(span);
    }
  }
}

for (const delivery of ['handler', 'signal']) {
  test(`a traced run (${delivery}): the file says what the result says, and passes for Perfetto`, () => {
    const out = place(delivery);
    const asked = [
      '--workload',
      'churn',
      '--quick',
      '--seconds',
      '1',
      '--resolution',
      'continue',
      '--delivery',
      delivery,
    ];
    const { out: table, err } = continuum('bench', ...asked, '--trace', '--out', out);
    const file = readdirSync(out).find((name) => name.endsWith('.jsonl'))!;
    const [result] = readResults(join(out, file)).filter(isResult) as [Result];
    // On a busy machine mutators may wait for memory as long as a compaction lasts: figures and file are there all the same.
    const ranBeside = result.error?.code !== 'NEVER_FAULTED';
    if (ranBeside) {
      assert.is(result.error, undefined, err);
      assert.match(table, /MMU 10 ms, %/);
      assert.match(table, /most faults in a ms/);
    }
    assert.is(result.config.trace, true);
    const trace = result.files!.trace!;
    assert.is(trace, `${basename(file, '.jsonl')}-1.trace`);

    const { mmu = [], storm } = result;
    for (const [i, { windowMs, share }] of mmu.entries()) {
      assert.ok(share >= 0 && share <= 1, `${windowMs} ms`);
      // A window of twice the length is two of half of it: it cannot be worse than the worse of them.
      const half = mmu.find((one) => one.windowMs * 2 === windowMs);
      if (half !== undefined) assert.ok(share >= half.share - 1e-9, `${windowMs} ms`);
      assert.ok(i === 0 || windowMs > mmu[i - 1].windowMs);
    }
    assert.ok(mmu.length >= 8, `${mmu.length} windows`); // half a second
    const moved = result.collections.filter(({ evacuatedBytes }) => evacuatedBytes > 0).length;
    assert.is(storm?.flips, moved);
    const taken = faultsTaken(result.faults);
    assert.ok(stormFaults(storm!) <= taken && taken > 0 === ranBeside, `${stormFaults(storm!)} of ${taken}`);

    const summary = JSON.parse(ok('trace', join(out, trace), '--json')) as TraceSummary;
    assert.is(summary.dropped, 0);
    const recorded = summary.faults[0].count;
    // What a handler does after a compaction is counted with the next one: a page that was published as it came.
    assert.ok(Math.abs(recorded - taken) <= (delivery === 'signal' ? 10 : 2), `${recorded} of ${taken}`);
    assert.is(summary.phases.collection.count, result.collections.length);
    assert.is(summary.waits[0].stalls.count, result.stalls.count);
    assert.is(summary.waits[0].paced.count, result.stalls.paced?.count);
    const pages = (of: 'built' | 'updated' | 'mapped') =>
      result.collections.reduce((all, one) => all + one.pages[of], 0);
    const forwarded = Object.values(summary.pages).reduce((all, one) => all + one.forwarded, 0);
    assert.is(forwarded, pages('built') + pages('updated') + pages('mapped'));
    assert.match(ok('trace', join(out, trace)), /faults of mutator 0: /);

    const json = place(`${delivery}.json`);
    assert.match(ok('trace', join(out, trace), '--perfetto', json), /events; open it at https:\/\/ui\.perfetto\.dev/);
    const { traceEvents, otherData } = traceEventFileSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
    assert.is(otherData?.format, traceFormat);
    assert.is(traceEvents.filter(({ name }) => name === 'fault').length, recorded);
    assertNested(traceEvents);
  });
}

test('a run without --trace has the figures, and no file', () => {
  const out = place('plain');
  ok('bench', '--workload', 'churn', '--quick', '--seconds', '500ms', '--resolution', 'stw', '--out', out);
  assert.equal(
    readdirSync(out).filter((name) => name.endsWith('.trace')),
    [],
  );
  const [result] = readResults(join(out, readdirSync(out).find((name) => name.endsWith('.jsonl'))!)).filter(
    isResult,
  ) as [Result];
  assert.is(result.files, undefined);
  assert.is(result.storm, undefined);
  assert.is(result.mmu?.[0].share, 0, 'it stops the world for longer than 1 ms');
});

function write(name: string, lanes: number, records: readonly MadeUp[]): string {
  const header = {
    ...{ format: traceFormat, config: { ...someConfig, trace: true }, pages: 100, pagesPerRegion: 10, pageBytes: 4096 },
    lanes: Array.from({ length: lanes }, (_, i) => ({ name: `mutator ${i}`, role: 'mutator' })),
    ...{ events: records.length, dropped: 0 },
  };
  writeFileSync(place(name), Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytesOf(records)]));
  return place(name);
}

test('what Perfetto gets: threads with names, times in µs, and a counter that goes back to 0', () => {
  const file = write('small.trace', 2, [
    [TraceKind.FAULT, 1, 2.5, 0.004, 42, 1],
    [TraceKind.FAULT, 1, 2.75, 0.004, 43, 1],
    [TraceKind.FORWARD, 1, 2.501, 0.002, 42, 1],
    [TraceKind.STALL, 0, 5, 1, 0],
    [TraceKind.LEFT, 1, 2.5, 0.004, 42, 1],
    [999, 0, 6, 1, 0],
  ]);
  ok('trace', file, '--perfetto', place('small.json'));
  const { traceEvents } = traceEventFileSchema.parse(JSON.parse(readFileSync(place('small.json'), 'utf8')));
  const named = traceEvents.flatMap((event) => (event.name === 'thread_name' ? [[event.tid, event.args]] : []));
  assert.equal(named, [
    [1, { name: 'mutator 0' }],
    [2, { name: 'mutator 1' }],
  ]);
  const times = traceEvents.flatMap((event) =>
    event.ph === 'X' ? [[event.name, event.tid, event.ts, event.dur, event.args]] : [],
  );
  assert.equal(times, [
    ['fault', 2, 2500, 4, { page: 42, mutator: 1 }],
    ['fault', 2, 2750, 4, { page: 43, mutator: 1 }],
    ['forward', 2, 2501, 2, { page: 42, how: 'updated' }],
    ['allocation stall', 1, 5000, 1000, {}],
  ]);
  const counts = traceEvents.flatMap((event) => (event.ph === 'C' ? [[event.ts, event.args]] : []));
  assert.equal(counts, [
    [2000, { faults: 2 }],
    [3000, { faults: 0 }],
  ]);
});

test('a trace without records has a summary all the same', () => {
  const file = write('empty.trace', 1, []);
  assert.match(ok('trace', file), /^javac .*\n0 events/);
  ok('trace', file, '--perfetto', place('empty.json'));
  traceEventFileSchema.parse(JSON.parse(readFileSync(place('empty.json'), 'utf8')));
});

test('an export that is interrupted leaves nothing', async () => {
  const file = write(
    'large.trace',
    1,
    Array.from({ length: 400_000 }, (_, i): MadeUp => [TraceKind.FAULT, 0, i, 0.01, i, 0]),
  );
  const child = spawn(process.execPath, [cli, 'trace', file, '--perfetto', place('large.json')]);
  const closed = once(child, 'close');
  while (!existsSync(place('large.json.part')) && child.exitCode === null) await sleep(2);
  child.kill('SIGINT');
  assert.equal(await closed, [130, null]);
  assert.equal(
    readdirSync(root).filter((name) => name.startsWith('large.json')),
    [],
  );
});

test('what cannot be done is one line', () => {
  const file = write('wrong.trace', 1, []);
  const wrong = (...args: string[]) => {
    const { code, out, err } = continuum('trace', ...args);
    assert.is(out, '');
    assert.is(err.trimEnd().split('\n').length, 1, err);
    return { code, err };
  };
  assert.match(wrong(place('absent')).err, /cannot read .*absent/);
  assert.match(wrong(cli).err, /cli\.js: not a header of continuum-trace\/1/);
  assert.is(wrong(file, '--perfetto', place('x.json'), '--json').code, 2);
  assert.match(wrong(file, '--perfetto', file).err, /is the trace itself/);
  assert.match(
    wrong(file, '--perfetto', place('absent/x.json')).err,
    /cannot write .*x\.json: nothing can be made there/,
  );
  assert.not(existsSync(place('absent')));
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
