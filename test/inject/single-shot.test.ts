// deadline: 1500s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CallName, publishes, type Rule } from '../support/inject.js';
import { assertHit, runInjected } from '../support/injected-runs.js';
import { injectable } from '../support/watched.js';
import { CONCURRENT_WAYS, nameOf, WAYS, type Way } from '../support/ways.js';

const it = injectable(test);

/** Refusals that must be mended, one at a time: the heap is verified after each. */
function mended(way: Way): Rule[] {
  const call = publishes(way);
  const bySignal = way.delivery === 'signal';
  const at = (error: NonNullable<Rule['error']>, points: readonly number[], more: Partial<Rule> = {}): Rule[] =>
    points.map((point) => ({ call, error, at: point, ...more }));
  // Arming a view has no patience with that, publishing has.
  if (call === 'mprotect') return at('ENOMEM', [1, 2, 9, 30], { where: 'handler' });
  const handlers = bySignal
    ? [...at('EAGAIN', [1, 9], { where: 'handler' }), ...at('EEXIST', [1, 9], { where: 'handler' })]
    : [];
  return [
    ...at('EAGAIN', [1, 2, 20, 150]),
    ...[1, 2, 5].flatMap((pages) => at('EAGAIN', [1, 3], { pages })),
    ...at('EEXIST', [1, 2, 20, 150]),
    ...(way.resolution === 'move' ? [...at('ENOENT', [1, 20], { where: 'elsewhere' }), ...at('EBUSY', [1, 20])] : []),
    ...handlers,
    ...(bySignal ? [] : (['read', 'poll'] as const).map((waits) => ({ call: waits, error: 'EINTR' as const, at: 2 }))),
    ...(bySignal ? [] : [{ call: 'read' as const, error: 'EAGAIN' as const, at: 2 }]),
  ];
}

for (const way of CONCURRENT_WAYS) {
  it(`${nameOf(way)}: what passes is mended, at each of many points`, async () => {
    // Batches of more than a page, so that there is something to do in part.
    const rules = mended(way);
    const end = await runInjected({
      way,
      cycles: 1e6,
      seconds: 40,
      single: true,
      rules,
      collector: { batch: 64 },
    });
    assert.ok(end.verified, end.error);
    assertHit(end, rules, Math.ceil(end.fired.length / 2));
  });
}

/** Calls that a cycle of this way makes elsewhere, and that may want memory. */
function wantMemory({ resolution, delivery, flip }: Way): CallName[] {
  if (resolution === 'stw') return ['madvise'];
  return [
    'mmap',
    ...(resolution === 'protect' ? [] : ['register' as const]),
    ...(resolution === 'copy' || resolution === 'move' ? ['madvise' as const] : []),
    ...(flip === 'remap' ? ['mremap' as const] : []),
    ...(delivery === 'handler' ? ['poll' as const] : []),
  ];
}

for (const way of WAYS) {
  const call = publishes(way);
  const rules: Rule[] = wantMemory(way).map((wants) => ({ call: wants, error: 'ENOMEM' }));
  if (call !== 'mprotect' && way.resolution !== 'stw') {
    rules.push({ call, error: 'ENOMEM', at: 60 }, { call, error: 'ENOENT', at: 60 });
  }
  for (const rule of rules) {
    it(`${nameOf(way)}: one ${rule.error} of ${rule.call} ends in a verified heap or one clear error`, async () => {
      await runInjected({ way, cycles: 30, single: true, rules: [rule], residentFree: 8, seconds: 8 });
    });
  }
}

test.run();
