/**
 * What the algorithm reads and writes, as plain typed arrays: the columns of heap/metadata.ts and the heap's words.
 * The model runs on a memory of its own; the tests of the kernels run it on a copy of a real heap's.
 */
import type { Heap, Layout, Metadata } from '../../heap/index.js';

export type ModelShape = Pick<
  Layout,
  'granules' | 'pages' | 'regions' | 'granulesPerPage' | 'granulesPerRegion' | 'pagesPerRegion'
>;

const BITS = ['live', 'starts', 'destination', 'origin'] as const;
const REGION = [
  'regionState',
  'regionTop',
  'regionLive',
  'regionBorn',
  'regionHead',
  'regionSize',
  'regionReferences',
  'regionNext',
] as const;

export interface ModelMemory extends Pick<Metadata, (typeof BITS)[number] | (typeof REGION)[number]> {
  readonly shape: ModelShape;
  /** The heap, 32 bits a word, two words a granule. */
  readonly words: Int32Array;
}

export function modelShape(regions: number, granulesPerRegion: number, granulesPerPage: number): ModelShape {
  const granules = regions * granulesPerRegion;
  return {
    granules,
    pages: granules / granulesPerPage,
    regions,
    granulesPerPage,
    granulesPerRegion,
    pagesPerRegion: granulesPerRegion / granulesPerPage,
  };
}

/** Memory that threads can share: all of it can be posted. */
export function newMemory(shape: ModelShape): ModelMemory {
  const { granules, pages, regions } = shape;
  const signed = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
  const unsigned = (length: number) => new Uint32Array(new SharedArrayBuffer(4 * length));
  const counting = (length: number, step: number) => {
    const words = signed(length);
    for (let i = 0; i < length; i++) words[i] = i * step;
    return words;
  };
  return {
    shape,
    words: signed(2 * granules),
    live: unsigned(granules / 32),
    starts: unsigned(granules / 32),
    destination: unsigned(granules / 64),
    origin: unsigned(pages),
    regionState: signed(regions),
    regionTop: counting(regions, shape.granulesPerRegion),
    regionLive: signed(regions),
    regionBorn: signed(regions),
    regionHead: counting(regions, 1),
    regionSize: unsigned(regions),
    regionReferences: unsigned(regions),
    regionNext: signed(regions),
  };
}

/** A copy of a real heap, as its objects are read while no compaction runs. */
export function copyOfHeap(heap: Heap): ModelMemory {
  const { layout, meta } = heap;
  const columns = Object.fromEntries([...BITS, ...REGION].map((name) => [name, meta[name].slice()])) as Omit<
    ModelMemory,
    'shape' | 'words'
  >;
  return { shape: layout, words: heap.workspace.slice(), ...columns };
}
