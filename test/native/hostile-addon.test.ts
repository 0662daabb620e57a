// deadline: 900s
/**
 * Every function that the addon exports, called with what it should never be called with: it refuses, by a TypeError, a
 * RangeError or a negative errno, and the memory of others is as it was. Each in a process of its own: a crash or a hang
 * is a failed test that names the call.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addon } from '../../native/loader.js';
import { runScript } from '../support/child.js';
import { makeWorld } from '../support/hostile-addon.js';
import { chooseSeed } from '../support/random.js';

const SCRIPT = new URL('../support/hostile-addon-program.js', import.meta.url);
/** Takes an object and not a list of numbers: hostile-config.test.ts. */
const ELSEWHERE = ['kernelsCreate'];
const DEADLINE_MS = 60_000;

const exported = Object.entries(addon as Record<string, unknown>)
  .filter(([, value]) => typeof value === 'function')
  .map(([name]) => name);
const seed = chooseSeed();
console.log(`CONTINUUM_SEED=${seed}`);
const folder = mkdtempSync(join(tmpdir(), 'continuum-hostile-'));
test.after(() => rmSync(folder, { recursive: true }));

test('every function has its tests, and every test its function', () => {
  const world = makeWorld();
  const known = [...Object.keys(world.specs), ...ELSEWHERE];
  world.close();
  assert.equal([...exported].sort(), known.sort());
});

for (const name of exported.filter((one) => !ELSEWHERE.includes(one))) {
  test(`${name} refuses what it does not understand`, async () => {
    const journal = join(folder, name);
    const ended = await runScript(SCRIPT, [name, journal, String(seed)], { deadlineMs: DEADLINE_MS });
    if (ended.signal !== null) {
      const last = readFileSync(journal, 'utf8').trim();
      assert.unreachable(
        `${ended.signal === 'SIGKILL' ? 'it hung' : `it died of ${ended.signal}`} in ${last}: ${ended.output}`,
      );
    }
    assert.is(ended.code, 0, ended.output);
    for (const line of ended.output.split('\n')) if (line.startsWith('skipped: ')) console.log(line);
  });
}

test.run();
