// deadline: 1500s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { publishes } from '../support/inject.js';
import { runInjected } from '../support/injected-runs.js';
import type { Meddling } from '../support/meddlers.js';
import { injectable } from '../support/watched.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

const it = injectable(test);
const MEDDLINGS: readonly (readonly [Meddling, string])[] = [
  ['listen', 'signals into blocked threads, by handlers that restart calls'],
  ['catch', 'signals into blocked threads, by handlers that do not'],
  ['fork', 'forks in the middle of compactions'],
  ['spawn', 'child processes in the middle of compactions'],
];

for (const way of CONCURRENT_WAYS) {
  for (const [meddling, what] of MEDDLINGS) {
    it(`${nameOf(way)}: ${what}`, async () => {
      // Publishing takes its time now and then, before or after the kernel's part: so others wait, and compactions last.
      const slow = { call: publishes(way), chance: 0.05, times: 1e12 };
      const rules = [
        { ...slow, beforeUs: 2000 },
        { ...slow, afterUs: 2000 },
      ];
      const end = await runInjected({ way, cycles: 60, seconds: 5, rules, meddling });
      assert.ok(end.verified, end.error);
      assert.ok(end.meddled > 0, 'nothing was done to it');
    });
  }
}

test.run();
