import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reportCommand, writeReport } from '../../../../bench/commands/report.js';
import { decodeTables, type ReplayHead } from '../../../../bench/html/replay/data.js';
import { replaySection } from '../../../../bench/html/replay/section.js';
import { reportPage } from '../../../../bench/html/report.js';
import type { Section } from '../../../../bench/html/section.js';
import { someResult } from '../../../support/synthetic-results.js';
import { SyntheticTrace, smallShape } from '../../../support/synthetic-trace.js';

const folder = mkdtempSync(join(tmpdir(), 'continuum-replay-'));
const trace = new SyntheticTrace({ ...smallShape, cycles: 5 }, 4).file();
const whole = join(folder, 'whole.trace');
writeFileSync(whole, trace);
test.after(() => rmSync(folder, { recursive: true, force: true }));

function headsOf({ data }: Section): ReplayHead[] {
  const block = data?.find(({ id }) => id === 'replay-heads');
  assert.ok(block && 'json' in block);
  return block.json as ReplayHead[];
}

/** The section of one file with these bytes. */
function sectionOf(bytes: Uint8Array): Section {
  const file = join(folder, 'some.trace');
  writeFileSync(file, bytes);
  return replaySection([{ file, label: 'churn' }])!;
}

test('three cycles of a trace are embedded, and it is said that there are more', () => {
  const section = replaySection([{ file: whole, label: 'churn' }])!;
  const [head] = headsOf(section);
  assert.is(head.cycles.length, 3);
  assert.is(head.title, 'churn');
  assert.match(section.body.text, /churn: of 5 recorded cycles this report holds \d, \d, \d; the trace has them all/);
  for (const { element, faults } of head.cycles) {
    const block = section.data?.find(({ id }) => id === element);
    assert.ok(block && 'base64' in block);
    const tables = decodeTables(inflateRawSync(Buffer.from(block.base64, 'base64')));
    assert.is(tables.faults.page.length, faults);
    assert.ok(tables.forwards.page.length > 0);
  }
});

test('as many cycles as were asked for, and nothing is said where that is all', () => {
  assert.is(headsOf(replaySection([{ file: whole, label: 'churn' }], 1)!)[0].cycles.length, 1);
  const all = replaySection([{ file: whole, label: 'churn' }], 9)!;
  assert.is(headsOf(all)[0].cycles.length, 5);
  assert.not.match(all.body.text, 'recorded cycles');
});

test('files that are missing, cut off or something else are a line each, and the others play', () => {
  const cut = join(folder, 'cut.trace');
  writeFileSync(cut, trace.subarray(0, trace.length - 100));
  const other = join(folder, 'other.trace');
  writeFileSync(other, 'no trace at all');
  const section = replaySection([
    { file: join(folder, 'gone.trace'), label: 'gone' },
    { file: cut, label: 'cut' },
    { file: other, label: 'other <b>' },
    { file: whole, label: 'whole' },
  ])!;
  assert.equal(
    headsOf(section).map(({ title }) => title),
    ['whole'],
  );
  assert.match(section.body.text, /gone: not played back: cannot read .*gone\.trace/);
  assert.match(section.body.text, /cut: not played back: .* records were written/);
  assert.match(section.body.text, /other &lt;b&gt;: not played back: .*no trace/);
});

test('where nothing can be played, lines are all there is', () => {
  const section = replaySection([{ file: join(folder, 'gone.trace'), label: 'gone' }])!;
  assert.is(section.scripts, undefined);
  assert.not.match(section.body.text, '<canvas');
  assert.match(section.body.text, 'not played back');
  assert.is(replaySection([]), undefined);
});

test('a trace without a whole cycle says so', () => {
  const none = new SyntheticTrace({ ...smallShape, cycles: 0 }, 4).file();
  assert.match(sectionOf(none).body.text, 'no cycle was recorded from its flip to its end');
});

test('random damage never ends in anything but a section', () => {
  for (let at = 0; at < trace.length; at += 997) {
    const bytes = Buffer.from(trace);
    for (let i = at; i < Math.min(trace.length, at + 40); i++) bytes[i] = (bytes[i] * 31 + 17) & 255;
    assert.is(sectionOf(bytes).id, 'replay', `damaged at ${at}`);
  }
});

test('continuum report finds the trace beside the results', () => {
  const results = join(folder, 'written.jsonl');
  writeFileSync(results, `${JSON.stringify({ ...someResult(), files: { trace: 'whole.trace' } })}\n`);
  const out = join(folder, 'written.html');
  writeReport([results], out, 2);
  const text = readFileSync(out, 'utf8');
  assert.match(text, 'id="replay-heads"');
  assert.is(text.match(/"element":/g)?.length, 2);
  for (const cycles of ['0', '-1', '1.5', 'all', '']) {
    assert.throws(() => reportCommand([results], { out, cycles }), /is not a number of cycles/);
  }
});

test('the report has the section where a result names a trace, also where that is gone', () => {
  const reported = (name: string) => {
    const result = { ...someResult(), files: { trace: name } };
    const sources = [{ file: join(folder, 'results.jsonl'), lines: [result] }];
    return reportPage(sources, { folder, replay: replaySection });
  };
  assert.match(reported('whole.trace'), 'id="replay-heads"');
  assert.match(reported('gone.trace'), 'not played back');
  const without = reportPage([{ file: join(folder, 'results.jsonl'), lines: [someResult()] }], {
    folder,
    replay: replaySection,
  });
  assert.not.match(without, 'id="replay"');
});

test.run();
