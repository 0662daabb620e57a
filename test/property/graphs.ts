/** Arbitrary heap graphs, with class tables of any kind. */
import fc from 'fast-check';
import { classKinds, type GraphClass, type HeapGraph, nullReference } from '../../bench/graph/graph.js';
import { traceReachable } from '../../bench/graph/reachable.js';

const name = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z]{1,8}(\.[A-Z][a-zA-Z]{0,8})?(\[\]){0,2}$/) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  // What a decoder may take for a mark of its own, and leave out.
  { weight: 1, arbitrary: fc.constantFrom('', '\ufeff', '\ufeffname', '\0') },
);

const graphClass: fc.Arbitrary<GraphClass> = fc
  .record({
    name,
    kind: fc.constantFrom(...classKinds),
    gaps: fc.array(fc.nat({ max: 300 }), { maxLength: 6 }),
    rest: fc.nat({ max: 5000 }),
  })
  .map(({ name, kind, gaps, rest }) => {
    if (kind !== 'instance') return { name, kind, fieldBytes: 0, referenceOffsets: new Uint32Array(0) };
    let end = 0;
    const offsets = gaps.map((gap) => {
      const at = end + gap;
      end = at + 4;
      return at;
    });
    return { name, kind, fieldBytes: end + rest, referenceOffsets: Uint32Array.from(offsets) };
  });

const object = fc.record({
  class: fc.nat(),
  length: fc.nat({ max: 60 }),
  payload: fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 100 }) }, fc.nat({ max: 2 ** 31 - 1 })),
  targets: fc.array(fc.nat({ max: 199 }), { minLength: 1, maxLength: 30 }),
});

export const graphs: fc.Arbitrary<HeapGraph> = fc
  .record({
    classes: fc.array(graphClass, { minLength: 1, maxLength: 8 }),
    objects: fc.array(object, { maxLength: 150, size: 'max' }),
    roots: fc.array(fc.nat({ max: 199 }), { maxLength: 5 }),
  })
  .map(({ classes, objects, roots }) => {
    const firstReference = new Uint32Array(objects.length + 1);
    const payloadBytes = new Uint32Array(objects.length);
    const references: number[] = [];
    const classOf = Uint32Array.from(objects, (each) => each.class % classes.length);
    for (const [at, { length, payload, targets }] of objects.entries()) {
      const { kind, fieldBytes, referenceOffsets } = classes[classOf[at]];
      const fields = kind === 'instance' ? referenceOffsets.length : 0;
      const count = kind === 'object-array' || kind === 'class' ? length : fields;
      for (let slot = 0; slot < count; slot++) {
        const target = targets[slot % targets.length];
        references.push(target < objects.length ? target : nullReference);
      }
      firstReference[at + 1] = references.length;
      payloadBytes[at] = kind === 'instance' ? fieldBytes - 4 * fields : kind === 'object-array' ? 0 : payload;
    }
    const flat = Uint32Array.from(references);
    return {
      ...{ objectCount: objects.length, classes, classOf, firstReference, payloadBytes, references: flat },
      roots: enough(
        firstReference,
        flat,
        roots.filter((root) => root < objects.length),
      ),
    };
  });

/** `roots`, and as many more as it takes to reach everything. */
function enough(firstReference: Uint32Array, references: Uint32Array, roots: readonly number[]): Uint32Array {
  const all = new Set(roots);
  const sorted = () => Uint32Array.from([...all].sort((a, b) => a - b));
  for (let object = 0; object < firstReference.length - 1; object++) {
    const { renumbered } = traceReachable(firstReference, references, sorted());
    if (renumbered[object] === nullReference) all.add(object);
  }
  return sorted();
}
