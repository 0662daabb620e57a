// deadline: 900s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Step } from '../../gc/index.js';
import { publishes } from '../support/inject.js';
import { assertHit, runInjected } from '../support/injected-runs.js';
import { injectable } from '../support/watched.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

const it = injectable(test);

for (const way of CONCURRENT_WAYS) {
  for (const how of ['throw', 'exit'] as const) {
    it(`${nameOf(way)}: threads that are lost (${how}) while calls are refused`, async () => {
      const call = publishes(way);
      const phases: Step[] = ['mark', 'plan', 'ahead', 'compact', 'recover', 'serve'];
      const often = { call, chance: 0.1, times: 1e12 };
      const rules =
        call === 'mprotect'
          ? [{ ...often, error: 'ENOMEM' as const, where: 'handler' as const }]
          : [
              { ...often, error: 'EAGAIN' as const, pages: 1 },
              { ...often, error: 'EAGAIN' as const },
              { ...often, error: 'EEXIST' as const },
            ];
      const lose = { phases, chance: 0.01, how, most: 3 };
      const end = await runInjected({ way, cycles: 40, seconds: 8, rules, lose, collector: { batch: 64 } });
      assert.ok(end.verified, end.error);
      assertHit(end, rules);
    });
  }
}

test.run();
