/** What a fork copies and what a core has of a heap, looked up in every phase of its collections. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, type CycleRecord, createHeap } from '../../gc/index.js';
import { type CoreDump, type Delivery, defaultShape, type Heap, Mutator } from '../../heap/index.js';
import { Mapping } from '../../native/index.js';
import { exitAfterwards } from '../support/exit.js';
import { fillHalfDead } from '../support/half-dead.js';
import { vmAreas } from '../support/vm-areas.js';
import { nameOf, WAYS } from '../support/ways.js';

exitAfterwards(test);

const MIB = 2 ** 20;
const CYCLES = 2;

/** Looks at the flags of all of a heap's mappings, and remembers what is wrong. */
class Looks {
  readonly wrong = new Set<string>();
  seen = 0;
  private readonly parts: readonly (readonly [string, Mapping])[];
  private readonly dumped: ReadonlySet<string>;

  constructor(heap: Heap, coreDump: CoreDump) {
    const { workspace, views, aside, staging } = heap.space;
    const [coming, metadata] = [heap.space.coming(0), Mapping.attach(heap.handle.metadata)];
    const all: readonly (readonly [string, Mapping | null])[] = [
      ...[['workspace', workspace] as const, ['aside', aside] as const, ['staging', staging] as const],
      ...[['coming', coming] as const, ['metadata', metadata] as const],
      ...views.map((view, i) => [`view ${i}`, view === workspace ? null : view] as const),
    ];
    this.parts = all.flatMap(([name, mapping]) => (mapping === null ? [] : [[name, mapping] as const]));
    // One copy of the objects: a view shows the workspace's memory, or has memory of its own.
    const once = heap.space.shared ? ['workspace'] : ['workspace', 'view 0'];
    this.dumped = new Set(['metadata', ...(coreDump === 'heap' ? once : [])]);
  }

  look(when: string): void {
    this.seen++;
    const areas = vmAreas();
    for (const [name, { address, bytes }] of this.parts) {
      for (const { from, to, permissions, file, flags } of areas) {
        if (to <= address || from >= address + bytes) continue;
        if (permissions === '---p' && file === '') continue; // its pages are elsewhere: nothing is there
        if (!flags.has('dc')) this.wrong.add(`${name}, ${when}: a fork copies it`);
        if (flags.has('dd') === this.dumped.has(name)) this.wrong.add(`${name}, ${when}: dd is ${flags.has('dd')}`);
      }
    }
  }
}

// Who resolves a fault has no part in it.
for (const way of WAYS.filter(({ resolution, delivery }) => delivery !== 'signal' || resolution === 'protect')) {
  for (const coreDump of way.flip === 'bank' ? (['none'] as const) : (['none', 'heap'] as const)) {
    test(`${nameOf(way)}, core dump: ${coreDump}: no fork copies a heap, and a core has its objects once or not`, async () => {
      const { resolution, delivery, flip } = way;
      const choices = { coreDump, ...(delivery !== 'none' && { delivery: delivery as Delivery }) };
      const heap = createHeap(defaultShape(32 * MIB, 1), resolution, flip, choices);
      const looks = new Looks(heap, coreDump);
      const inspect = (when: string) => looks.look(`${when} a cycle`);
      const collector = new Collector(heap, { resolution, delivery, flip, workers: 1, inspect });
      await collector.start();
      fillHalfDead(heap, 8 * MIB);
      const mutator = Mutator.attach(heap);
      const records: CycleRecord[] = [];
      await mutator.parked(async () => {
        for (let i = 0; i < CYCLES; i++) {
          let over = false;
          const running = collector.collect().finally(() => {
            over = true;
          });
          while (!over) {
            looks.look('in a cycle');
            await new Promise((next) => setImmediate(next));
          }
          records.push(await running);
        }
      });
      mutator.detach();
      looks.look('after all');
      await collector.stop();
      heap.close();
      assert.equal([...looks.wrong], []);
      assert.ok(looks.seen >= 3 * CYCLES && records.some(({ evacuatedBytes }) => evacuatedBytes > 0));
    });
  }
}

test.run();
