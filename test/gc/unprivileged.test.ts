// deadline: 1800s
import { rmSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nobody, Sandbox } from '../support/unprivileged.js';

/** One a delivery and kind of memory, and what a system call meets where the kernel's own accesses fault for nobody. */
const FILES = [
  'gc/stress-continue-bank.test.js',
  'gc/stress-copy-remap.test.js',
  'gc/stress-signal-continue-bank.test.js',
  'gc/stress-signal-move-remap.test.js',
  'gc/stress-protect-remap.test.js',
  'gc/stress-stw.test.js',
  'gc/failure.test.js',
  'gc/stray-signals.test.js',
  'heap/ensure-readable.test.js',
  'native/contract/answers.test.js',
  'native/contract/events.test.js',
  'native/contract/sigbus.test.js',
];

const user = process.getuid?.() === 0 ? nobody() : undefined;
if (user === undefined) {
  console.log(
    'skipped: only root can run tests as somebody without privileges (and whoever is not root has just done so)',
  );
  test('the other tests are run without privileges', () => assert.is.not(process.getuid?.(), undefined));
} else {
  const sandbox = new Sandbox(user);
  test.after(() => rmSync(sandbox.folder, { recursive: true, force: true }));

  for (const file of FILES) {
    test(`without privileges: ${file}`, async () => {
      const ended = await sandbox.run(file, { CONTINUUM_CYCLES: '10' }, 240_000);
      assert.is(ended.code, 0, `it ended with ${ended.signal ?? ended.code}: ${ended.output}`);
    });
  }
}

test.run();
