import { printable } from '../printable.js';
import { type ClassKind, type HeapGraph, nullReference, referenceCount, sizeInHeap } from './graph.js';

const largeBytes = 4096;
const topClassCount = 20;

/** A class's share of a heap. */
export interface ClassShare {
  readonly name: string;
  readonly kind: ClassKind;
  readonly objects: number;
  readonly bytes: number;
}

/** What a graph is like. Sizes are of the benchmark's heap: header 8, references 4 each, payload, rounded up to 8. */
export interface GraphDescription {
  readonly objects: number;
  readonly bytes: number;
  readonly meanBytes: number;
  readonly p50Bytes: number;
  readonly p99Bytes: number;
  readonly largestBytes: number;
  /** Slots that can hold a reference, and those that do. */
  readonly slots: number;
  readonly references: number;
  readonly slotsPerObject: number;
  readonly referencesPerObject: number;
  /** Shares of the objects, 0 … 1: those without a slot, and those that refer to nothing. */
  readonly shareWithoutSlots: number;
  readonly shareWithoutReferences: number;
  /** Bytes in objects of 4 KiB and more, and their share of all. */
  readonly largeObjectBytes: number;
  readonly shareInLargeObjects: number;
  readonly roots: number;
  readonly classes: number;
  /** The 20 classes with the most bytes; classes of the same name and kind count as one. */
  readonly topClasses: readonly ClassShare[];
}

export function describeGraph(graph: HeapGraph): GraphDescription {
  const { objectCount } = graph;
  const sizes = new Float64Array(objectCount);
  const shares = graph.classes.map(({ name, kind }) => ({ name, kind, objects: 0, bytes: 0 }));
  let bytes = 0;
  let largeObjectBytes = 0;
  let references = 0;
  let withoutSlots = 0;
  let withoutReferences = 0;
  for (let object = 0; object < objectCount; object++) {
    const slots = referenceCount(graph, object);
    const size = sizeInHeap(slots, graph.payloadBytes[object]);
    const held = heldReferences(graph, object);
    sizes[object] = size;
    bytes += size;
    references += held;
    if (size >= largeBytes) largeObjectBytes += size;
    if (slots === 0) withoutSlots++;
    if (held === 0) withoutReferences++;
    const share = shares[graph.classOf[object]];
    share.objects++;
    share.bytes += size;
  }
  sizes.sort();
  return {
    objects: objectCount,
    bytes,
    meanBytes: ratio(bytes, objectCount),
    p50Bytes: quantile(sizes, 0.5),
    p99Bytes: quantile(sizes, 0.99),
    largestBytes: quantile(sizes, 1),
    slots: graph.references.length,
    references,
    slotsPerObject: ratio(graph.references.length, objectCount),
    referencesPerObject: ratio(references, objectCount),
    shareWithoutSlots: ratio(withoutSlots, objectCount),
    shareWithoutReferences: ratio(withoutReferences, objectCount),
    largeObjectBytes,
    shareInLargeObjects: ratio(largeObjectBytes, bytes),
    roots: graph.roots.length,
    classes: graph.classes.length,
    topClasses: largest(shares),
  };
}

/** The description as text for a terminal, lines ended by line breaks. */
export function formatDescription(about: GraphDescription): string {
  const rows: [string, string][] = [
    ['objects', grouped(about.objects)],
    ['bytes', `${grouped(about.bytes)} (header 8, references 4 each, payload, rounded up to 8)`],
    [
      'object size',
      `mean ${about.meanBytes.toFixed(1)}, p50 ${about.p50Bytes}, p99 ${about.p99Bytes}, largest ${grouped(about.largestBytes)} bytes`,
    ],
    ['references', `${grouped(about.references)} in ${grouped(about.slots)} slots`],
    ['per object', `${about.referencesPerObject.toFixed(2)} references in ${about.slotsPerObject.toFixed(2)} slots`],
    [
      'without',
      `${percent(about.shareWithoutSlots)} of the objects have no slot, ${percent(about.shareWithoutReferences)} refer to nothing`,
    ],
    ['large', `${percent(about.shareInLargeObjects)} of the bytes are in objects of 4 KiB and more`],
    ['roots', grouped(about.roots)],
    ['classes', grouped(about.classes)],
  ];
  const lines = rows.map(([label, text]) => `${label.padEnd(13)}${text}`);
  lines.push('', `${'bytes'.padStart(13)}${'share'.padStart(8)}${'objects'.padStart(11)}  class`);
  for (const { name, objects, bytes } of about.topClasses) {
    const share = percent(ratio(bytes, about.bytes));
    lines.push(
      `${grouped(bytes).padStart(13)}${share.padStart(8)}${grouped(objects).padStart(11)}  ${printable(name)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function heldReferences({ firstReference, references }: HeapGraph, object: number): number {
  let held = 0;
  for (let slot = firstReference[object]; slot < firstReference[object + 1]; slot++) {
    if (references[slot] !== nullReference) held++;
  }
  return held;
}

/** Nearest rank: the least size that at least `share` of the objects do not exceed. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted.length === 0 ? 0 : sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)];
}

function largest(shares: readonly ClassShare[]): ClassShare[] {
  const merged = new Map<string, ClassShare>();
  for (const share of shares) {
    const key = `${share.kind} ${share.name}`;
    const before = merged.get(key);
    merged.set(key, {
      ...share,
      objects: share.objects + (before?.objects ?? 0),
      bytes: share.bytes + (before?.bytes ?? 0),
    });
  }
  const byBytes = [...merged.values()].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  return byBytes.slice(0, topClassCount);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
