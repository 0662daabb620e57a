// deadline: 720s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../support/child.js';
import { CONCURRENT_WAYS, nameOf, type Way } from '../support/ways.js';

const SCRIPT = new URL('../support/stray-process.js', import.meta.url);
const NULL = /touched page \d+ of the heap \(region 0, NULL\), where no object stands: a null reference was followed/;
const FREE = /touched page \d+ of the heap \(region 16, FREE\), where no object stands: a reference was used after/;
const IDLE = /touched page \d+ of the heap \(region \d+, OPEN\) in a view that mutators do not use/;
const STALE =
  /touched page \d+ of the heap \(region [1-9]\d*, (FREE|EVACUATED), evacuated in cycle \d+\), where no object stands: a reference was used after a safepoint/;

async function strays({ resolution, delivery, flip }: Way, kind: string, poison: string, said: RegExp): Promise<void> {
  const ended = await runScript(SCRIPT, [resolution, delivery, flip, kind, poison]);
  const signal = resolution === 'protect' ? 'SIGSEGV' : 'SIGBUS';
  assert.is(ended.signal, signal, `it ended with ${ended.signal ?? ended.code}: ${ended.output}`);
  assert.match(ended.output, said);
  assert.is(ended.output.match(/^continuum: thread \d+/gm)?.length, 1, ended.output);
}

for (const way of CONCURRENT_WAYS.filter(({ delivery }) => delivery === 'signal')) {
  for (const [kind, said] of [
    ['null', NULL],
    ['null-later', NULL],
    ['free', FREE],
  ] as const) {
    test(`${nameOf(way)}: a stray access (${kind}) ends the process, and says where it was`, () =>
      strays(way, kind, '', said));
  }
  if (way.flip === 'bank') {
    test(`${nameOf(way)}: so does one in the view that mutators do not use`, () => strays(way, 'idle', '', IDLE));
  }
  // Ranges that mprotect opens grow together, those of regions that nobody needs included: nobody hears of a touch.
  if (way.resolution !== 'protect') {
    test(`${nameOf(way)}: so does one of an evacuated region, which it names with its cycle`, () =>
      strays(way, 'stale', '', STALE));
  }
}

for (const way of CONCURRENT_WAYS.filter(({ resolution }) => resolution !== 'protect')) {
  test(`${nameOf(way)}, poisoned: a touch of an evacuated region names page, region and cycle`, () =>
    strays(way, 'stale', 'poison', STALE));
}

test.run();
