// deadline: 540s
/** Threads that never attached, and objects that are closed while another thread is in a call on them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Userfaultfd } from '../../native/index.js';
import { addon } from '../../native/loader.js';
import { runScript } from '../support/child.js';

const SCRIPT = new URL('../support/hostile-threads-program.js', import.meta.url);

test('what is closed under threads that are in calls on it refuses them, and nothing else happens', async () => {
  const { code, signal, output } = await runScript(SCRIPT, ['12'], { deadlineMs: 120_000 });
  assert.is(signal, null, `it ended with ${signal}: ${output}`);
  assert.is(code, 0, output);
});

test('a timeout of any length ends with an interrupt that came before it', () => {
  const { userfaultfdRead, userfaultfdWait } = addon as Record<string, (...args: readonly unknown[]) => number>;
  const userfaultfd = Userfaultfd.open();
  const into = new Float64Array(4);
  for (const timeout of [-1, -0.5, 2 ** 31, 2 ** 53, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    userfaultfd.interrupt();
    assert.is(userfaultfdRead!(userfaultfd.id, into, timeout), -1, `read, ${timeout}`);
    userfaultfd.interrupt();
    assert.is(userfaultfdWait!(userfaultfd.id, timeout), -1, `wait, ${timeout}`);
  }
  userfaultfd.close();
});

test.run();
