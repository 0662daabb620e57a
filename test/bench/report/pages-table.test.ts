import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderPagesTables } from '../../../bench/report/pages-table.js';
import { copyConfig, someResult } from '../../support/synthetic-results.js';

const pages = (references: number, compactMs: number, config = {}) =>
  someResult({ workload: 'pages', references, ...config }, { compactMs, publishNs: 1000 });

test('a row for each number of references, a column for each way, and how much of it is publishing', () => {
  // 13,312 pages a collection: 100 ms are 7512 ns each.
  const lines = [pages(1000, 400), pages(0, 100), pages(0, 200, copyConfig), pages(1000, 300, copyConfig)];
  const [table, ...more] = renderPagesTables(lines, 100);
  assert.equal(more, []);
  const [head, rule, ...rows] = table.split('\n').slice(-4);
  assert.match(head, /references +continue·bank +copy·remap$/);
  assert.match(rule, /^─+$/);
  assert.equal(
    rows.map((row) => row.trim().split(/ {2,}/)),
    [
      ['0', '7,512 (13%)', '15,024 (7%)'],
      ['1000', '30,048 (3%)', '22,536 (4%)'],
    ],
  );
});

test('the median of invocations; a dash where nothing was made, and nothing of what failed', () => {
  const failed = { ...pages(0, 900), error: { code: 'DIGEST', message: 'wrong' } };
  const [table] = renderPagesTables([pages(0, 100), pages(0, 300), pages(0, 200), failed, pages(1, 100)], 100);
  assert.match(table, /\n +0 +15,024 \(7%\)\n/);
  const idle = pages(1, 100, copyConfig);
  for (const { pages: made } of idle.collections) Object.assign(made, { built: 0, updated: 0, mapped: 0 });
  assert.match(renderPagesTables([pages(0, 100), idle], 100)[0], /\n +1 +– +–$/);
});

test('no table for one number of references, or for other workloads; one a heap', () => {
  assert.equal(renderPagesTables([pages(16, 100), pages(16, 100, copyConfig), someResult()], 100), []);
  const heaps = [64, 128].flatMap((mib) => [0, 1].map((count) => pages(count, 100, { heapBytes: mib * 2 ** 20 })));
  assert.is(renderPagesTables(heaps, 100).length, 2);
});

test.run();
