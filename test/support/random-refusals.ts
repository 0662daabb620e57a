/** The tests of a resolution under random refusals: for each way of it, each errno. */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertHit, refusalsOf, runInjected } from './injected-runs.js';
import { injectable } from './watched.js';
import { nameOf, WAYS } from './ways.js';

const CYCLES = 60;
/** A run ends after so long, whatever its cycles: it is as good as what it hits. */
const SECONDS = 4;

export function testRandomRefusals(test: Test, resolution: string): void {
  const it = injectable(test);
  for (const way of WAYS.filter((each) => each.resolution === resolution)) {
    for (const { error, rules, mended, sabotage } of refusalsOf(way)) {
      const calls = [...new Set(rules.map(({ call }) => call))].join(', ');
      it(`${nameOf(way)}: ${error} of ${calls} now and then`, async () => {
        const end = await runInjected({
          ...{ way, cycles: CYCLES, seconds: SECONDS, rules, residentFree: 8 },
          ...(sabotage && { collector: { sabotage } }),
        });
        if (!mended) return;
        assert.ok(end.verified, end.error);
        assertHit(end, rules);
      });
    }
  }
}
