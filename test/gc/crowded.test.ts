// deadline: 720s
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../support/child.js';

const SCRIPT = new URL('../support/crowded-program.js', import.meta.url);
const most = Number(readFileSync('/proc/sys/vm/max_map_count', 'utf8'));
/** What it takes to fill more than that is not worth it. */
const isFillable = most <= 300_000;
if (!isFillable) console.log(`skipped: vm.max_map_count is ${most}, which takes too long to use up`);

const crowd = (flip: string, leave: number) => runScript(SCRIPT, [flip, String(leave)], { deadlineMs: 150_000 });

if (isFillable) {
  for (const flip of ['bank', 'remap']) {
    test(`protect × ${flip}: comes through with a thousand mappings left, of which it may want more`, async () => {
      const ended = await crowd(flip, 1000);
      assert.is(ended.code, 0, `it ended with ${ended.signal ?? ended.code}: ${ended.output}`);
      assert.match(ended.output, /came through/);
    });

    // So few that V8 may be refused a page of its own: then it is that which ends the process, and says so.
    test(`protect × ${flip}: with a hundred left it comes through or says why not, and never hangs`, async () => {
      const ended = await crowd(flip, 100);
      console.log(ended.output.split('\n').find((line) => /came through|ENOMEM|FATAL|Check failed/.test(line)));
      assert.is.not(ended.signal, 'SIGKILL', `it hangs: ${ended.output}`);
      assert.match(ended.output, /came through|ENOMEM|out of memory|errno 12|check failed|bad_alloc/i);
      assert.not.match(ended.output, /the hammer read what nobody wrote/);
    });
  }
}

test('there is a limit to the mappings of a process', () => {
  assert.ok(most > 0);
});

test.run();
