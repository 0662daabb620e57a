import type { GraphClass } from './graph.js';
import type { ColumnWalk } from './reference-column.js';

/** The objects of a graph by class, to walk a class's columns. */
export class ObjectsByClass {
  private readonly objects: Uint32Array;
  /** Per class and one more: where its objects begin. */
  private readonly first: Uint32Array;

  constructor(classOf: Uint32Array, classCount: number) {
    this.first = new Uint32Array(classCount + 1);
    for (const index of classOf) this.first[index + 1]++;
    for (let index = 0; index < classCount; index++) this.first[index + 1] += this.first[index];
    const next = this.first.slice();
    this.objects = new Uint32Array(classOf.length);
    for (let object = 0; object < classOf.length; object++) this.objects[next[classOf[object]]++] = object;
  }

  /** Objects of a class, ascending. */
  of(classIndex: number): Uint32Array {
    return this.objects.subarray(this.first[classIndex], this.first[classIndex + 1]);
  }
}

/** The columns that the references of a class's objects are coded in: one a field, or one for all of an array. */
export function* columnsOf(
  graphClass: GraphClass,
  objects: Uint32Array,
  firstReference: Uint32Array,
): Generator<ColumnWalk> {
  if (graphClass.kind === 'primitive-array') return;
  if (graphClass.kind !== 'instance') {
    yield (visit) => {
      for (const object of objects) {
        for (let slot = firstReference[object]; slot < firstReference[object + 1]; slot++) visit(slot, object);
      }
    };
    return;
  }
  for (let field = 0; field < graphClass.referenceOffsets.length; field++) {
    yield (visit) => {
      for (const object of objects) visit(firstReference[object] + field, object);
    };
  }
}
