// deadline: 200s
import { test } from 'uvu';
import { HUGE_PAGE_BYTES } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { reserveHugePages } from '../support/huge-pages.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

const HEAP_MIB = 126;
const why = reserveHugePages(HEAP_MIB / 2 + 1);
if (why !== '') console.log(`skipped: the stress test on pages of 2 MiB (${why})`);

(why === '' ? test : test.skip)('2 mutators and 2 workers keep the model’s graph: continue, bank, pages of 2 MiB', () =>
  runStress({ resolution: 'continue', flip: 'bank', heapMiB: HEAP_MIB, pageBytes: HUGE_PAGE_BYTES, cycles: 150 }),
);

test.run();
