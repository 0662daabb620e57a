// deadline: 900s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ended, runScript } from '../support/child.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

const SCRIPT = new URL('../support/foreign-signal-program.js', import.meta.url);
const WAYS = CONCURRENT_WAYS.filter(({ delivery, flip }) => delivery === 'signal' && flip === 'remap');

interface Beside {
  readonly name: string;
  readonly args: readonly string[];
}

const BESIDE: readonly Beside[] = [
  { name: 'without a heap', args: [] },
  ...WAYS.map((way) => ({ name: `beside ${nameOf(way)}`, args: [way.resolution, way.delivery, way.flip] })),
];

const describe = ({ signal, code, output }: Ended) => `it ended with ${signal ?? code}: ${output}`;

for (const { name, args } of BESIDE) {
  for (const kind of ['foreign', 'foreign-worker'] as const) {
    test(`${name}: SIGBUS at an address of somebody else’s ends the process (${kind})`, async () => {
      const ended = await runScript(SCRIPT, [kind, ...args]);
      assert.is(ended.signal, 'SIGBUS', describe(ended));
      assert.not.match(ended.output, /survived|of the heap/);
    });
  }

  test(`${name}: a handler that was there before is handed what is not a heap’s, and the thread goes on`, async () => {
    const ended = await runScript(SCRIPT, ['handled', ...args]);
    assert.is(ended.code, 0, describe(ended));
    assert.match(ended.output, /the handler before was called/);
  });

  for (const [kind, thread] of [
    ['trap', 'main'],
    ['trap-worker', 'worker'],
  ] as const) {
    test(`${name}: WebAssembly’s traps work in a ${thread} thread`, async () => {
      const ended = await runScript(SCRIPT, [kind, ...args]);
      assert.is(ended.code, 0, describe(ended));
      assert.match(ended.output, new RegExp(`${thread}: 1000 traps: memory access out of bounds`));
    });
  }

  for (const signal of ['SIGBUS', 'SIGSEGV'] as const) {
    test(`${name}: ${signal} from outside ends the process`, async () => {
      let sent = false;
      const ended = await runScript(SCRIPT, ['wait', ...args], {
        onOutput: (output, kill) => {
          if (!sent && output.includes('waiting')) kill(signal);
          sent ||= output.includes('waiting');
        },
      });
      assert.ok(sent, describe(ended));
      assert.is(ended.signal, signal, describe(ended));
      assert.not.match(ended.output, /survived/);
    });
  }
}

test.run();
