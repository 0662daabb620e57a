/** More than two ways in one table. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expand } from '../../../bench/configurations/configurations.js';
import { readOptions } from '../../../bench/options/options.js';
import { renderOverview } from '../../../bench/report/overview.js';
import { type Panel, panelsOf } from '../../../bench/report/panels.js';
import { renderReport } from '../../../bench/report/report.js';
import { renderPanel } from '../../../bench/report/table.js';
import { renderVerdict, verdict } from '../../../bench/report/verdict.js';
import type { Result, ResultLine } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { styleFor } from '../../../bench/style.js';
import { someResult, stwResult } from '../../support/synthetic-results.js';

const everyWay = expand(
  readOptions({ workload: ['javac'], resolution: ['all'], delivery: ['all'], flip: ['all'] }),
).configs;

/** Figures that differ from way to way, large ones among them. */
function resultsOf(configs = everyWay): Result[] {
  return configs.map((config, i) =>
    config.resolution === 'stw'
      ? stwResult(config)
      : someResult(config, {
          ...{ perSecond: 400_000 + 12_345 * i, publishNs: 200 * (i + 1), servicesUs: 3 + i },
          ...{ compactMs: 100 + 1000 * i, pssBytes: (1000 + i) * MiB },
        }),
  );
}

function panel(lines: readonly ResultLine[] = resultsOf()): Panel {
  const panels = panelsOf(lines);
  assert.is(panels.length, 1);
  return panels[0];
}

/** The cells of a way's row in the block under a heading. */
function row(text: string, heading: string, label: string): string[] {
  const block = text.split('\n\n').find((part) => part.includes(heading)) ?? '';
  const line = block.split('\n').find((one) => one.startsWith(`${label} `)) ?? '';
  return line.slice(label.length).trim().split(/ {2,}/);
}

test('each way is one row of each block, within 100 columns', () => {
  assert.is(everyWay.length, 11);
  const text = renderOverview([panel()]);
  for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
  assert.is(text.split('\n\n').length, 2);
  for (const block of text.split('\n\n')) assert.is(block.split('\n').length, 4 + everyWay.length);
  assert.not.match(text, /NaN|Infinity|undefined/);
  for (const heading of ['longest', '% of pages', 'p50/p99', 'ns/page', 'peak PSS', 'CPU, ms', 'built/updated/as is']) {
    assert.match(text, heading);
  }
});

test('narrower, there are more blocks, and never one without a field', () => {
  for (const width of [45, 60, 80, 100, 200]) {
    const blocks = renderOverview([panel()], undefined, width).split('\n\n');
    for (const line of blocks.flatMap((block) => block.split('\n'))) assert.ok(line.length <= width, line);
    assert.ok(blocks.length <= 10);
  }
});

test('the figures are those of the results', () => {
  const text = renderOverview([panel()]);
  const [operations, longest, collection, pause, faults, share] = row(text, 'operations', 'continue·bank');
  assert.equal([operations, longest, collection, pause], ['400k', '50', '187', '100/100']);
  // 288 of 12,288 pages were published for a fault.
  assert.equal([faults, share], ['1,440', '2.34']);
  const [service, publish, pss, floor, cpu, pages] = row(text, 'publish', 'continue·bank');
  assert.equal([service, publish, pss, cpu, pages], ['3/40', '200', '1,000 MiB', '900', '4,096/8,192/1,024']);
  // stw does 500k operations a second, and loses 1.25 s of 8 s to pauses: 1.6875 µs an operation without them.
  // The fastest needs 8.1 s of processor time without its collector for its 511,105 operations a second.
  assert.is(floor, `${(2.5 / 1.6875).toFixed(2)}/${(9000 / 3200 / (8100 / (8 * 511.105))).toFixed(2)}`);
});

test('a way without faults has no service time, no share and no publishing', () => {
  const text = renderOverview([panel()]);
  const cells = row(text, 'operations', 'stw');
  assert.equal(cells.slice(-2), ['0', '–']);
  assert.is(cells[3], '250k/250k'); // its one pause is the longer of the two
  assert.equal(row(text, 'publish', 'stw').slice(0, 2), ['–', '–']);
});

test('the best of a column is marked, each figure of a pair by itself, and only with colour', () => {
  const colour = styleFor({ isTTY: true }, {});
  const text = renderOverview([panel()], colour);
  assert.match(text, colour.good('511k')); // the tenth way is the fastest
  assert.match(text, `${colour.good('3')}/40`); // its p99 is everybody's
  assert.match(text, colour.good('200'));
  assert.not.match(text, colour.good('1,440')); // no number of faults is the better one
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken out
  assert.is(text.replace(/\u001b\[\d+m/g, ''), renderOverview([panel()]));
});

test('what the interval does not tell from the best is marked with it, and throughput has its interval', () => {
  const colour = styleFor({ isTTY: true }, {});
  const speeds = [500_000, 502_000, 400_000];
  const lines = everyWay
    .slice(0, 3)
    .flatMap((config, way) =>
      Array.from({ length: 8 }, (_, i) =>
        someResult(config, { perSecond: speeds[way] + 2000 * ((i * (way === 0 ? 1 : 3)) % 8) }, i),
      ),
    );
  const text = renderOverview([panel(lines)], colour);
  const green = (middle: string) => text.includes(`${colour.good('').slice(0, 5)}${middle} [`);
  assert.equal([green('507k'), green('509k'), green('407k')], [true, true, false]);
  assert.match(text, / {2}407k \[40\dk–4\d\dk\]/);
});

test('it stands before the tables where there are more than two ways, and not where there are two', () => {
  assert.is(renderReport(resultsOf().slice(0, 2)).length, 1);
  assert.not.match(renderReport(resultsOf().slice(0, 2)).join(), 'built/updated');
  const [overview, table, ...rest] = renderReport(resultsOf());
  assert.equal(rest, []);
  assert.match(overview, 'built/updated');
  assert.match(table, '\nthroughput\n');
  for (const line of `${overview}\n${table}`.split('\n')) assert.ok(line.length <= 100, line);
});

test('several workloads are one table, each with its own best', () => {
  const churn = resultsOf(everyWay.map((config) => ({ ...config, workload: 'churn' }))).map((result) => ({
    ...result,
    operations: { ...result.operations, perSecond: result.operations.perSecond / 10 },
  }));
  const [overview, ...tables] = renderReport([...resultsOf(), ...churn], styleFor({ isTTY: true }, {}));
  assert.is(tables.length, 2);
  assert.match(overview, /javac: [\s\S]*churn: [\s\S]*\n\n[\s\S]*javac: [\s\S]*churn: /);
  assert.match(overview, styleFor({ isTTY: true }, {}).good('511k'));
  assert.match(overview, styleFor({ isTTY: true }, {}).good('51,111'));
});

test('a long title is broken, not cut', () => {
  const config = { publish: 'lazy', walk: 'faults', evacuate: 'full', residentFree: 0, faultServers: 4 } as const;
  const lines = resultsOf(everyWay.slice(0, 3).map((way) => ({ ...way, ...config, batch: 16 })));
  for (const line of renderReport(lines).join('\n').split('\n')) assert.ok(line.length <= 100, line);
  assert.match(
    renderReport(lines)[0].replace(/\n */g, ' '),
    'publish lazy, walk faults, evacuate full, 0 free resident',
  );
});

test('a way that failed is a row that says why, whatever the reason', () => {
  const [first, second, third, ...rest] = resultsOf();
  for (const code of ['OUT_OF_MEMORY', 'DEADLINE', 'CHILD_DIED', 'KILLED', 'NO_COMPACTION']) {
    const { schema, invocation, startedAt, config, environment } = third;
    const dead = { schema, invocation, startedAt, config, environment, error: { code, message: 'it ended' } };
    const text = renderOverview([panel([first, second, dead, { ...dead, invocation: 1 }, ...rest])]);
    assert.match(text, new RegExp(`^continue·signal·bank +2 of 2 failed: ${code}$`, 'm'));
    assert.match(renderPanel(panel([first, dead])), new RegExp(`failed invocations +0 +1 of 1\n +because +${code}\n`));
  }
});

test('a way that failed now and then has its figures, and says so', () => {
  const [first, second, third, ...rest] = resultsOf();
  const failed = { ...third, invocation: 1, error: { code: 'DEADLINE', message: 'hung' } };
  const text = renderOverview([panel([first, second, third, failed, ...rest])]);
  assert.match(text, /^continue·signal·bank +\d.*\n +1 of 2 failed: DEADLINE$/m);
});

test('two pairs are told at length, those beyond in a line each', () => {
  const said = verdict(panel());
  assert.equal(
    said.map(({ title }) => title),
    [
      'continue·bank against copy·remap',
      'continue·remap against copy·remap',
      'the others against copy·remap, as ratios',
    ],
  );
  assert.ok(said[0].sentences.length > 5 && said[1].sentences.length > 5);
  assert.is(said[2].sentences.length, everyWay.length - 3);
  assert.match(said[2].sentences.at(-1) ?? '', /^stw: throughput \d\.\d\d.*, longest batch .*, peak PSS/);
  for (const line of renderVerdict(panel()).split('\n')) {
    assert.ok(line.length <= 100, line);
    assert.not.match(line, /NaN|Infinity|undefined/);
  }
  const three = resultsOf().filter(({ config }) => config.flip === 'remap' && config.delivery === 'handler');
  assert.equal(
    verdict(panel(three)).map(({ title }) => title),
    ['continue·remap against copy·remap', 'move·remap against copy·remap'],
  );
});

test('stw against another: no sentence has a figure that was not measured', () => {
  const pair = resultsOf()
    .filter(({ config }) => ['stw', 'continue'].includes(config.resolution))
    .slice(-2);
  const text = renderVerdict(panel(pair));
  assert.match(text, /Faults: (1,440 against 0|0 against 1,440) a run\./);
  assert.not.match(text, /NaN|Infinity|undefined|service p50/);
});

test('settings that differ are in the labels, those that are shared in the title, and the default in neither', () => {
  const eager = someResult({ publish: 'eager', barrier: 'kernel' });
  const lazy = someResult({ publish: 'lazy', barrier: 'kernel' });
  const { title, columns } = panel([eager, lazy]);
  assert.equal(
    columns.map(({ label }) => label),
    ['publish eager', 'publish lazy'],
  );
  assert.match(title, 'barrier kernel');
  const plain = panel([someResult({ publish: 'eager', faultServers: 1 })]);
  assert.not.match(plain.title, /eager|fault server/);
});

test('several ways with a setting each are a panel a setting', () => {
  const lines = (['eager', 'lazy'] as const).flatMap((publish) => [
    someResult({ publish }),
    someResult({ publish, resolution: 'copy', flip: 'remap' }),
  ]);
  const panels = panelsOf(lines);
  assert.is(panels.length, 2);
  assert.match(panels[1].title, 'publish lazy');
  assert.not.match(panels[0].title, 'publish');
});

test('two ways stand beside each other with their ratio, whatever rows there are', () => {
  const ways = [withEverything(), withEverything(), withEverything()].flatMap((result, i) => [
    { ...result, invocation: i, operations: { ...result.operations, perSecond: 380_000 + 9000 * i } },
    {
      ...result,
      ...{ invocation: i, config: { ...result.config, resolution: 'copy' as const, flip: 'remap' as const } },
      memory: { ...result.memory, peakPssBytes: (190 + 7 * i) * MiB, fragmentation: { before: 0.272, after: 0.089 } },
    },
  ]);
  const text = renderPanel(panel(ways));
  assert.match(text, /\n +continue·bank +copy·remap +continue\/copy\n/);
  assert.match(text, 'fragmentation after');
  assert.ok(Math.max(...text.split('\n').map(({ length }) => length)) <= 100, text);
});

test('rows of what a collector does not have are left out', () => {
  const names = ['in a signal handler', 'waits for pace', 'mapped before the flip', 'mended incidents'];
  const bare = renderPanel(panel([someResult()]));
  for (const name of names) assert.not.match(bare, name);
  const full = renderPanel(panel([withEverything()]));
  for (const name of names) assert.match(full, name);
  assert.match(full, /faults +1,447\n/);
});

/** A result with all that may be absent. */
function withEverything(): Result {
  const result = someResult();
  return {
    ...result,
    faults: { ...result.faults, signal: 7 },
    stalls: { ...result.stalls, paced: { count: 3, totalMs: 21 } },
    collections: result.collections.map((one) => ({
      ...one,
      pages: { ...one.pages, mappedAhead: 512 },
      incidents: ['worker 1 was lost and replaced'],
    })),
  };
}

test.run();
