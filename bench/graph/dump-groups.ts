import type { DumpClasses } from './dump-classes.js';
import type { ObjectGroup } from './dump-objects.js';
import type { GraphClass } from './graph.js';
import { primitiveTypes } from './hprof-tags.js';

/** The class of a graph that a group of a dump's objects becomes. */
export function describeGroup({ kind, key }: ObjectGroup, classes: DumpClasses): GraphClass {
  const varying = { kind, fieldBytes: 0, referenceOffsets: new Uint32Array(0) };
  switch (kind) {
    case 'class':
      return { ...varying, name: 'java.lang.Class' };
    case 'primitive-array':
      return { ...varying, name: `${primitiveTypes.get(key)?.name ?? key}[]` };
    case 'object-array':
      return { ...varying, name: classes.nameOf(key) };
    case 'instance': {
      const size = classes.sizeOf(key);
      const layout = classes.layoutOf(key);
      if (typeof layout === 'string' || typeof size === 'string') throw new Error(`instances of no class: ${key}`);
      const name = classes.nameOf(key);
      if (!size.complete) return { ...varying, kind: 'varying', name };
      return { name, kind, fieldBytes: layout.fieldBytes, referenceOffsets: layout.referenceOffsets };
    }
  }
}
