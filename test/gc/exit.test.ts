// deadline: 540s
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SCRIPT = fileURLToPath(new URL('../support/blocked-exit.js', import.meta.url));
const DEADLINE_MS = 20_000;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

function run(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code, signal, output });
    });
  });
}

for (const [resolution, flip] of [
  ['continue', 'bank'],
  ['copy', 'remap'],
] as const) {
  for (const [way, code] of [
    ['exit', 0],
    ['throw', 1],
    ['reject', 1],
    ['unref', 0],
    ['close', 0],
    ['collector', 0],
  ] as const) {
    test(`${resolution}: the process ends (${way}) while a mutator is blocked in a fault`, async () => {
      const ended = await run(way, resolution, flip);
      assert.is(ended.signal, null, `it had to be killed: ${ended.output}`);
      assert.is(ended.code, code, ended.output);
    });
  }
}

test.run();
