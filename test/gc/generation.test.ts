// deadline: 360s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verifyHeap } from '../../gc/index.js';
import { Control, encodeState, MAX_GENERATION, PageState, Safepoints } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { ModelRun } from '../support/model-run.js';

exitAfterwards(test);

for (const way of [
  { resolution: 'continue', flip: 'bank' },
  { resolution: 'continue', flip: 'remap' },
  { resolution: 'copy', flip: 'remap' },
]) {
  test(`${way.resolution} × ${way.flip}: after the last generation comes the first, and no old word is believed`, async () => {
    const seen = new Set<number>();
    let generationNow = () => 0;
    const run = await ModelRun.start<number>(
      {
        heapMiB: 64,
        modelMiB: 256,
        programs: 1,
        // Every cycle, those that the program's own allocation starts included.
        collector: { ...way, onCycle: () => void seen.add(generationNow()) },
        generation: MAX_GENERATION - 3,
      },
      new URL('../support/count-program.js', import.meta.url),
      () => ({}),
      verifyHeap,
    );
    const { control, meta } = run.heap;
    // Whatever is done to the table in a pause takes longer, the larger the heap is.
    let [pauses, written] = [0, 0];
    const { pause } = Safepoints.prototype;
    Safepoints.prototype.pause = function (act) {
      return pause.call(this, (mutators) => {
        const before = meta.pageState.slice();
        act(mutators);
        pauses++;
        for (let page = 0; page < before.length; page++) if (meta.pageState[page] !== before[page]) written++;
      });
    };
    generationNow = () => Atomics.load(control, Control.GENERATION);
    try {
      await run.meet();
      // As the first flips of all would have left them: READY and MAPPED pages of generations that come again.
      const old = [1, 2, 3, 4].map((generation) => encodeState(generation, PageState.MAPPED));
      for (let page = 0; page < meta.pageState.length; page++) {
        if (meta.pageState[page] === 0) meta.pageState[page] = old[page % old.length]!;
      }
      for (let i = 0; i < 10 || !seen.has(3); i++) {
        assert.ok(i < 50, `generations ${[...seen]}`);
        await run.cycle();
        await run.meet();
      }
      assert.ok(seen.has(MAX_GENERATION), 'the last was used');
      assert.not(seen.has(MAX_GENERATION + 1));
      assert.ok(pauses > 10, `${pauses} pauses`);
      assert.is(written, 0, 'words that were written in pauses');
      await run.finish();
    } catch (error) {
      throw await run.abandon(error);
    } finally {
      Safepoints.prototype.pause = pause;
      run.heap.close();
    }
  });
}

test.run();
