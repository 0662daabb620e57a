/**
 * How a heap stands, written down for whoever looks for what went wrong: its words by name (state.json), its pages
 * (pages.txt), and everything raw (metadata.gz, heap.gz: the offsets are `layout` in state.json).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  Control,
  FlipWord,
  type Heap,
  type Layout,
  Own,
  ownBase,
  PAGE_BYTES,
  PageState,
  RegionState,
  slotOf,
  stateOf,
  WANTED,
} from '../../heap/index.js';
import { REGION_COLUMNS } from '../../heap/layout.js';

const MIB = 2 ** 20;
/** A larger heap's contents are not written. */
const MOST_MIB = 256;

export function dumpHeap(heap: Heap, folder: string, why: string): void {
  mkdirSync(folder, { recursive: true });
  const { layout, meta, control } = heap;
  const generation = Atomics.load(control, Control.GENERATION);
  writeFileSync(
    join(folder, 'state.json'),
    `${JSON.stringify(
      {
        why,
        when: new Date().toISOString(),
        control: named(Control, (word) => Atomics.load(control, word)),
        mutators: Array.from({ length: layout.mutators }, (_, mutator) =>
          named(Own, (word) => Atomics.load(control, ownBase(mutator) + word)),
        ),
        flip: named(FlipWord, (word) => Atomics.load(meta.flip, word)),
        pageStates: histogram(heap, generation),
        regions: regionTable(heap),
        layout,
      },
      null,
      1,
    )}\n`,
  );
  writeFileSync(join(folder, 'pages.txt'), pageTable(heap, generation));
  const metadata = new Uint8Array(meta.live.buffer, 0, layout.metadataBytes);
  writeFileSync(join(folder, 'metadata.gz'), gzipSync(metadata, { level: 1 }));
  // Reading a hole of reserved huge pages takes one, and there may be none.
  if (layout.spanBytes > MOST_MIB * MIB || layout.pageBytes !== PAGE_BYTES) return;
  writeFileSync(join(folder, 'heap.gz'), gzipSync(new Uint8Array(heap.workspace.buffer), { level: 1 }));
}

/** Words by their names; how many there are is no word. */
function named(words: Readonly<Record<string, number>>, read: (word: number) => number): Record<string, number> {
  const own = Object.entries(words).filter(([name]) => name !== 'WORDS');
  return Object.fromEntries(own.map(([name, word]) => [name, read(word)]));
}

const STATE_NAMES = Object.keys(PageState);
const REGION_NAMES = Object.keys(RegionState);

/** Pages by their region's state and their own. */
function histogram({ layout, meta }: Heap, generation: number): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (let page = 0; page < layout.pages; page++) {
    const region = REGION_NAMES[meta.regionState[regionOf(layout, page)]!] ?? '?';
    const state = describe(Atomics.load(meta.pageState, page), generation, false);
    counts[region] ??= {};
    counts[region][state] = (counts[region][state] ?? 0) + 1;
  }
  return counts;
}

function regionTable({ layout, meta }: Heap): Record<string, number | string>[] {
  const columns = REGION_COLUMNS.map((name) => {
    return [name, new Int32Array(meta.live.buffer, layout.region[name], layout.regions)] as const;
  });
  return Array.from({ length: layout.regions }, (_, region) => ({
    region,
    state: REGION_NAMES[meta.regionState[region]!] ?? '?',
    ...Object.fromEntries(columns.map(([name, column]) => [name, column[region]!])),
  }));
}

/** A line a run of pages whose words say the same. */
function pageTable({ layout, meta }: Heap, generation: number): string {
  const lines = [`generation ${generation}`];
  const line = (page: number) => {
    const region = regionOf(layout, page);
    const word = Atomics.load(meta.pageState, page);
    return `region ${region} ${REGION_NAMES[meta.regionState[region]!]}: ${describe(word, generation, true)}`;
  };
  for (let first = 0; first < layout.pages; ) {
    const text = line(first);
    let end = first + 1;
    while (end < layout.pages && line(end) === text) end++;
    lines.push(`${first}${end > first + 1 ? `–${end - 1}` : ''}  ${text}`);
    first = end;
  }
  return `${lines.join('\n')}\n`;
}

function describe(word: number, generation: number, whole: boolean): string {
  const state = STATE_NAMES[stateOf(word, generation)]!;
  const wanted = state !== 'RAW' && (word & WANTED) !== 0 ? ' WANTED' : '';
  return whole ? `${state}${wanted} slot or owner ${slotOf(word)} (word ${word})` : `${state}${wanted}`;
}

function regionOf({ pagesPerRegion }: Layout, page: number): number {
  return Math.floor(page / pagesPerRegion);
}
