// deadline: 900s
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Heap, RegionState } from '../../heap/index.js';
import type { ModelMemory } from '../model/index.js';
import { markLive } from '../model/mark.js';
import { buildTargets, forwardSlots, indexObjects, isPageLive, updatePage } from '../model/page.js';
import { countLive, place } from '../model/plan.js';
import { Dump } from './dump.js';

const here = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'test', 'sanitize');
const folder = mkdtempSync(join(tmpdir(), 'continuum-replay-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const built = spawnSync(process.execPath, [join(here, 'build.mjs'), 'fuzz', 'plain'], { encoding: 'utf8' });
if (built.status === 3) console.log('skipped: there is no C++ compiler');
else assert.is(built.status, 0, built.stderr);

/** Runs a fuzz target on its corpus; what it dumped, by the input's name. */
function dumps(target: string): Map<string, string> {
  const inputs = readdirSync(join(here, 'corpus', target)).sort();
  assert.ok(inputs.length > 0, `there is no corpus for ${target}`);
  const files = inputs.map((input) => [input, join(folder, `${target}-${input}.dump`)] as const);
  const args = files.flatMap(([input, dump]) => [join(here, 'corpus', target, input), dump]);
  const done = spawnSync(built.stdout.trim(), [target, ...args], { encoding: 'utf8' });
  assert.is(done.status, 0, `${target}: ${done.signal} ${done.stderr}`);
  return new Map(files);
}

const from = built.status === 3 ? test.skip : test;

for (const target of ['rescan', 'hostile']) {
  from(`${target}: the corpus finds nothing`, () => void dumps(target));
}

from('place: the model answers every question of the corpus alike', () => {
  for (const [input, file] of dumps('place')) {
    const dump = new Dump(file);
    const memory = dump.memory();
    memory.live.set(dump.get('live'));
    memory.starts.set(dump.get('starts'));
    const placed = dump.get('placed');
    assert.ok(placed.length > 0);
    for (let i = 0; i < placed.length; i += 6) {
      const [region, block, target, limit, at, next] = placed.subarray(i, i + 6) as unknown as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const wanted = place(memory, region, block, target, limit);
      assert.equal({ target: at, block: next }, wanted, `${input}: region ${region} from block ${block} to ${target}`);
    }
    for (let region = 1; region < dump.shape.regions; region++) countLive(memory, region);
    for (const name of ['destination', 'origin', 'regionLive'] as const)
      same(dump.get(name), memory[name], `${input}: ${name}`);
  }
});

from('cycle: the model does the same to every heap of the corpus', () => {
  let moved = 0;
  for (const [input, file] of dumps('cycle')) {
    const dump = new Dump(file);
    const memory = dump.memory();
    followMark(dump, memory, input);
    moved += followPlan(dump, memory, input);
    followPages(dump, memory, input);
  }
  assert.ok(moved > 10, `${moved} regions were evacuated in all`);
});

function followMark(dump: Dump, memory: ModelMemory, input: string): void {
  memory.starts.set(dump.get('humongous'));
  const pieces = dump.get('pieces');
  for (let i = 0; i < pieces.length; i += 2) indexObjects(memory, pieces[i]!, pieces[i + 1]!);
  same(dump.get('starts'), memory.starts, `${input}: start bits`);
  markLive(memory, dump.get('roots'), dump.cycle);
  same(dump.get('live'), memory.live, `${input}: live bits`);
  memory.words.set(dump.get('scrambled'));
}

/** Repeats the plan. Returns how many regions it evacuates. */
function followPlan(dump: Dump, memory: ModelMemory, input: string): number {
  const { regions, granulesPerRegion } = dump.shape;
  const { evacuated, targets } = chosen(dump);
  for (let region = 1; region < regions; region++) {
    const state = memory.regionState[region];
    if (state === RegionState.KEPT || state === RegionState.HUMONGOUS) countLive(memory, region);
  }
  same(dump.get('regionLive'), memory.regionLive, `${input}: live granules`);
  for (const region of evacuated) memory.regionState[region] = RegionState.EVACUATED;
  for (const region of targets) memory.regionState[region] = RegionState.TARGET;
  same(dump.get('plannedState'), memory.regionState, `${input}: region states`);
  let [next, at, limit] = [0, 0, 0];
  for (const region of evacuated) {
    for (let block = 0; ; ) {
      ({ target: at, block } = place(memory, region, block, at, limit));
      if (next > 0) memory.regionTop[targets[next - 1]!] = at;
      if (block === granulesPerRegion / 64) break;
      at = targets[next++]! * granulesPerRegion;
      limit = at + granulesPerRegion;
    }
  }
  for (const name of ['destination', 'origin'] as const) same(dump.get(name), memory[name], `${input}: ${name}`);
  same(dump.get('plannedTop'), memory.regionTop, `${input}: region tops`);
  return evacuated.length;
}

function followPages(dump: Dump, memory: ModelMemory, input: string): void {
  const { evacuated, targets } = chosen(dump);
  const after: ModelMemory = { ...memory, words: memory.words.slice(), starts: memory.starts.slice() };
  buildTargets(memory, after, evacuated, targets);
  same(dump.get('built'), after.words, `${input}: target pages`);
  same(dump.get('builtStarts'), after.starts, `${input}: their start bits`);
  for (const page of keptPages(dump)) {
    const live = isPageLive(after, page, dump.cycle);
    const changed = updatePage(after, page, dump.cycle);
    assert.is(dump.get('pageLive')[page] === 1, live, `${input}: whether page ${page} is live`);
    assert.is(dump.get('changed')[page], changed, `${input}: slots changed on page ${page}`);
    assert.is(dump.get('right')[page] === 1, live && changed === 0, `${input}: whether page ${page} is right`);
  }
  same(dump.get('updated'), after.words, `${input}: kept pages`);
  const roots = Int32Array.from(dump.get('roots'));
  forwardSlots(memory, roots, 0, roots.length);
  same(dump.get('forwarded'), roots, `${input}: roots`);
}

from('cycle: the addon does the same to heaps with pages that a system has', () => {
  let heaps = 0;
  for (const [input, file] of dumps('cycle')) {
    const dump = new Dump(file);
    if (dump.shape.granulesPerPage < 512) continue;
    heaps++;
    const heap = heapOf(dump);
    try {
      throughAddon(heap, dump, input);
    } finally {
      heap.close();
    }
  }
  assert.ok(heaps >= 4, `${heaps} heaps`);
});

/** A heap that nothing watches, with the target's words in it. */
function heapOf(dump: Dump): Heap {
  const { regions, granulesPerPage, granulesPerRegion } = dump.shape;
  const heap = Heap.create({
    bytes: 8 * (regions - 1) * granulesPerRegion,
    regionBytes: 8 * granulesPerRegion,
    pageBytes: 8 * granulesPerPage,
    mutators: 1,
    space: 'single',
    banks: 1,
  });
  heap.workspace.set(dump.get('words'));
  heap.meta.starts.set(dump.get('humongous'));
  const { meta } = heap;
  for (const name of [
    'regionState',
    'regionTop',
    'regionBorn',
    'regionHead',
    'regionSize',
    'regionReferences',
  ] as const)
    meta[name].set(dump.get(name));
  return heap;
}

function throughAddon(heap: Heap, dump: Dump, input: string): void {
  const { kernels, meta, workspace, layout } = heap;
  const { evacuated, targets } = chosen(dump);
  const pieces = dump.get('pieces');
  for (let i = 0; i < pieces.length; i += 2) kernels.indexObjects(pieces[i]!, pieces[i + 1]!);
  same(meta.starts, dump.get('starts'), `${input}: start bits`);
  const roots = Int32Array.from(dump.get('roots'));
  kernels.beginMarking(dump.cycle, 0);
  kernels.shade(roots, roots.length);
  while (kernels.mark(1000) || kernels.hasWork());
  kernels.handOver();
  same(meta.live, dump.get('live'), `${input}: live bits`);
  workspace.set(dump.get('scrambled'));
  kernels.beginPlan();
  for (const name of ['regionState', 'regionTop'] as const)
    meta[name].set(dump.get(name === 'regionState' ? 'plannedState' : 'plannedTop'));
  meta.regionNext.set(dump.get('regionNext'));
  let [next, at, limit] = [0, 0, 0];
  for (const region of evacuated) {
    assert.is(kernels.countLive(region), dump.get('regionLive')[region]);
    for (let block = 0; ; ) {
      ({ target: at, block } = kernels.place(region, block, at, limit));
      if (block === layout.granulesPerRegion / 64) break;
      at = targets[next++]! * layout.granulesPerRegion;
      limit = at + layout.granulesPerRegion;
    }
  }
  same(meta.destination, dump.get('destination'), `${input}: destinations`);
  same(meta.origin, dump.get('origin'), `${input}: origins`);
  for (const region of targets) {
    for (let i = 0; i < layout.pagesPerRegion; i++) kernels.build(region * layout.pagesPerRegion + i, 0);
  }
  same(workspace, dump.get('built'), `${input}: target pages`);
  for (const page of keptPages(dump)) {
    assert.is(kernels.update(page, dump.cycle), dump.get('changed')[page], `${input}: slots changed on page ${page}`);
  }
  same(workspace, dump.get('updated'), `${input}: kept pages`);
  kernels.forward(roots, roots.length);
  same(roots, dump.get('forwarded'), `${input}: roots`);
}

function chosen(dump: Dump): { evacuated: number[]; targets: number[] } {
  return { evacuated: [...dump.get('evacuated')], targets: [...dump.get('targets')] };
}

/** Pages of regions that stay where they are. */
function* keptPages(dump: Dump): Iterable<number> {
  const states = dump.get('plannedState');
  const { pages, pagesPerRegion } = dump.shape;
  for (let page = 0; page < pages; page++) {
    const state = states[Math.floor(page / pagesPerRegion)];
    if (state === RegionState.KEPT || state === RegionState.HUMONGOUS || state === RegionState.HUMONGOUS_TAIL)
      yield page;
  }
}

function same(found: Int32Array | Uint32Array, wanted: Int32Array | Uint32Array, what: string): void {
  assert.is(found.length, wanted.length, what);
  const at = found.findIndex((word, i) => word >>> 0 !== wanted[i]! >>> 0);
  if (at >= 0) assert.unreachable(`${what}: word ${at} is ${found[at]! >>> 0}, and must be ${wanted[at]! >>> 0}`);
}

test.run();
