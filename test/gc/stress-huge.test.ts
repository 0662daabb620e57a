// deadline: 600s
import { test } from 'uvu';
import { HUGE_PAGE_BYTES } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { reserveHugePages } from '../support/huge-pages.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

const HUGE_PAGES = 64;
const why = reserveHugePages(HUGE_PAGES);
if (why !== '') console.log(`skipped: the stress test on pages of 2 MiB (${why})`);

const options = { resolution: 'continue', flip: 'bank', pageBytes: HUGE_PAGE_BYTES, seconds: 30 };
// All of the pages, one of them for the null region; and half of them, so that allocation asks for cycles as well.
for (const [heapMiB, cycles] of [
  [2 * (HUGE_PAGES - 1), 100],
  [64, 80],
] as const) {
  (why === '' ? test : test.skip)(
    `2 mutators and 2 workers keep the model’s graph: continue, bank, pages of 2 MiB, ${heapMiB} MiB`,
    () => runStress({ ...options, heapMiB, cycles }),
  );
}

test.run();
