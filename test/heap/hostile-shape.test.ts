/** Heaps that cannot be: an error that says so, and nothing left behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHeap, type HeapChoices } from '../../gc/index.js';
import { defaultShape, HeapError, type HeapShape, MAX_MUTATORS } from '../../heap/index.js';
import { HOSTILE, Sprung } from '../support/hostile-values.js';

const SHAPE = defaultShape(8 << 20, 1);
const descriptors = () => readdirSync('/proc/self/fd').length;
const mappings = () => readFileSync('/proc/self/maps', 'utf8').match(/continuum-heap/g)?.length ?? 0;

function refuses(make: () => unknown, what: string): void {
  assert.throws(
    make,
    (error: unknown) =>
      error instanceof TypeError ||
      error instanceof RangeError ||
      error instanceof Sprung ||
      (error instanceof HeapError && error.code === 'shape'),
    what,
  );
}

/** Whether `value` would do, with the rest of the shape as it is. */
function isRight(field: keyof HeapShape, value: unknown): boolean {
  if (typeof value !== 'number') return false;
  if (field === 'mutators') return Number.isInteger(value) && value >= 1 && value <= MAX_MUTATORS;
  return field === 'bytes' && value % SHAPE.regionBytes === 0 && value >= 4 << 20 && value < 2 ** 34 - 2 ** 20;
}

test('shapes of any numbers, and of what are none', () => {
  const before = [descriptors(), mappings()];
  const more = [-4096, 1, 4095, 4097, 3 << 20, 2 ** 34, 2 ** 50, MAX_MUTATORS + 1].map((number) => ({
    name: String(number),
    make: (): unknown => number,
  }));
  for (const field of ['bytes', 'regionBytes', 'pageBytes', 'mutators'] as const) {
    for (const { name, make } of [...HOSTILE, ...more]) {
      const value = make();
      if (isRight(field, value)) continue;
      const shape = { ...SHAPE, [field]: value } as HeapShape;
      refuses(() => createHeap(shape, 'continue', 'bank').close(), `${field}: ${name}`);
    }
    const { [field]: _, ...rest } = SHAPE;
    refuses(() => createHeap(rest as HeapShape, 'continue', 'bank').close(), `no ${field}`);
  }
  assert.equal([descriptors(), mappings()], before);
});

test('resolutions, flips and choices that there are not', () => {
  const before = [descriptors(), mappings()];
  for (const { name, make } of HOSTILE) {
    const value = make();
    refuses(() => createHeap(SHAPE, value as string, 'bank').close(), `resolution ${name}`);
    refuses(() => createHeap(SHAPE, 'continue', value as string).close(), `flip ${name}`);
    if (value === undefined) continue;
    for (const field of ['delivery', 'barrier', 'userfaultfds'] as const) {
      const choices = { [field]: value } as HeapChoices;
      refuses(() => createHeap(SHAPE, 'continue', 'bank', choices).close(), `${field}: ${name}`);
    }
  }
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    refuses(() => createHeap(SHAPE, name, 'bank').close(), name);
    refuses(() => createHeap(SHAPE, 'continue', name).close(), name);
    refuses(() => createHeap(SHAPE, 'continue', 'bank', { delivery: name } as unknown as HeapChoices).close(), name);
  }
  for (const userfaultfds of [0, 17, 1e9]) {
    refuses(() => createHeap(SHAPE, 'continue', 'bank', { userfaultfds }).close(), `${userfaultfds} userfaultfds`);
  }
  assert.equal([descriptors(), mappings()], before);
});

test.run();
