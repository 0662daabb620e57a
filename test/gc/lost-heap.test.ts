// deadline: 900s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../support/child.js';
import { CONCURRENT_WAYS, nameOf, type Way } from '../support/ways.js';

const SCRIPT = new URL('../support/lost-heap-program.js', import.meta.url);

async function losesIt({ resolution, delivery, flip }: Way, lost: string, poison = ''): Promise<void> {
  const ended = await runScript(SCRIPT, [resolution, delivery, flip, lost, poison], { deadlineMs: 120_000 });
  assert.ok(
    ['SIGABRT', 'SIGBUS', 'SIGSEGV'].includes(ended.signal ?? ''),
    `it ended with ${ended.signal ?? ended.code}: ${ended.output}`,
  );
  assert.match(ended.output, /continuum: the heap is lost in cycle \d+: [1-9]\d* pages can neither be made right/);
  assert.match(ended.output, /The cause: Error: lost on purpose \(collector\)/);
  assert.not.match(ended.output, /the hammer read what nobody wrote/);
}

for (const way of CONCURRENT_WAYS) {
  test(`${nameOf(way)}: a compaction that nobody can finish ends the process, and no mutator sees its pages`, () =>
    losesIt(way, 'compact,recover'));
}

for (const way of CONCURRENT_WAYS.filter(({ resolution }) => resolution !== 'protect')) {
  test(`${nameOf(way)}, poisoned: a compaction that nobody can finish ends the process`, () =>
    losesIt(way, 'compact,recover', 'poison'));
}

for (const way of CONCURRENT_WAYS.filter(({ delivery }) => delivery === 'handler')) {
  test(`${nameOf(way)}: so does one whose fault server is lost and whose pages nobody finishes`, () =>
    losesIt(way, 'serve'));
}

test('where a mutator has strayed into what targets are built from, that is said too', async () => {
  const program = new URL('../support/stray-write-program.js', import.meta.url);
  const { output } = await runScript(program, [], { deadlineMs: 120_000 });
  assert.match(
    output,
    /the heap is lost in cycle 1: 1 pages .* a mutator may have strayed, .* The cause: RangeError: kern/,
  );
});

test.run();
