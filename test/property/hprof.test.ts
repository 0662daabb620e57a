// deadline: 600s
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importHprof } from '../../bench/graph/index.js';
import { Scratch } from '../bench/graph/graph-files.js';
import { HprofWriter, hprofType } from '../support/hprof-writer.js';
import { damages, spoil } from './fuzz.js';
import { importedOrRefused } from './imports.js';
import { runs } from './runs.js';

const scratch = new Scratch();

const types = Object.values(hprofType);
const classes = fc.array(
  fc.record({
    fields: fc.array(fc.constantFrom(...types), { maxLength: 5 }),
    above: fc.nat(),
    statics: fc.array(fc.constantFrom(...types), { maxLength: 3 }),
    name: fc.string({ maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 5 },
);
const objects = fc.array(
  fc.record({
    kind: fc.constantFrom('instance' as const, 'array' as const, 'numbers' as const, 'nothing' as const),
    class: fc.nat(),
    type: fc.constantFrom(...types.filter((type) => type !== hprofType.reference)),
    targets: fc.array(fc.nat({ max: 40 }), { maxLength: 12 }),
    root: fc.boolean(),
  }),
  { maxLength: 30, size: 'max' },
);
const shapes = fc.record({
  ...{ classes, objects, android: fc.boolean(), segments: fc.integer({ min: 1, max: 3 }) },
  idBytes: fc.constantFrom(4 as const, 8 as const),
});
/** What an instance may be written as, other than what it is: of another class, or of one that is not there. */
const lies = fc.record({ every: fc.integer({ min: 1, max: 5 }), shift: fc.integer({ min: 1, max: 6 }) });
type Lies = typeof lies extends fc.Arbitrary<infer T> ? T : never;

type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

const classId = (index: number) => 0x1000 + 0x100 * index;
const objectId = (index: number) => 0x10_0000 + 0x40 * index;

/** A dump that is right, unless it is told to lie: every class is there, and every instance has what its class says. */
function dumpOf({ classes, objects, android, segments, idBytes }: Shape, lie?: Lies): Uint8Array {
  const writer = new HprofWriter(android ? '1.0.3' : '1.0.2', idBytes);
  for (const [index, { name }] of classes.entries()) {
    writer.text(index + 1, name);
    writer.loadClass(classId(index), index + 1);
  }
  // A class stands above those of higher numbers only, so that nobody is above himself.
  const above = (index: number) => (index === 0 ? -1 : classes[index].above % index);
  const target = (number: number) => (number < objects.length ? objectId(number) : 0);
  writer.segment(() => {
    for (const [index, { fields, statics }] of classes.entries()) {
      const superId = index === 0 ? 0 : classId(above(index));
      writer.class({ id: classId(index), superId, fields, statics: statics.map((type) => [type, 0] as const) });
    }
  });
  for (let segment = 0; segment < segments; segment++) {
    writer.segment(() => {
      for (const [index, object] of objects.entries()) {
        if (index % segments !== segment) continue;
        const id = objectId(index);
        const own = object.class % classes.length;
        if (object.kind === 'array') writer.objectArray(id, classId(own), object.targets.map(target));
        else if (object.kind === 'instance') {
          const chain: number[] = [];
          for (let at = own; at >= 0; at = above(at)) chain.push(...classes[at].fields);
          const told = lie !== undefined && index % lie.every === 0 ? own + lie.shift : own;
          writer.instance(id, classId(told), chain, object.targets.map(target));
        } else if (object.kind === 'nothing' && android) writer.primitiveArrayNoData(id, object.type, 7);
        else writer.primitiveArray(id, object.type, object.targets.length);
        if (object.root) writer.root(0x05, id);
      }
    });
  }
  writer.end();
  return writer.bytes;
}

const importOrRefuse = (bytes: Uint8Array) => importedOrRefused(scratch.write('dump.hprof', bytes));

test('any dump that is right becomes a graph', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async (shape) => {
      assert.is(await importOrRefuse(dumpOf(shape)), 'read');
    }),
    runs(200),
  );
});

test('a class name is kept as it is, also where it begins like a byte order mark', async () => {
  const writer = new HprofWriter('1.0.2', 4);
  writer.text(1, '\ufeffname');
  writer.loadClass(8, 1);
  writer.segment(() => {
    writer.class({ id: 8 });
    writer.instance(16, 8, []);
    writer.root(0x05, 16);
  });
  writer.end();
  const { classes: found } = await importHprof(scratch.write('mark.hprof', writer.bytes));
  assert.is(found.at(-1)?.name, '\ufeffname');
});

test('a spoilt dump is a graph or an error: never a crash, never an array that the file cannot fill', async () => {
  const seen = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(shapes, damages, async (shape, by) => {
      seen[await importOrRefuse(spoil(dumpOf(shape), by))]++;
    }),
    runs(800),
  );
  assert.ok(seen.read > 0 && seen.refused > 0, JSON.stringify(seen));
});

test('instances that are not what their classes say: a graph, or an error', async () => {
  const seen = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(shapes, lies, async (shape, lie) => {
      seen[await importOrRefuse(dumpOf(shape, lie))]++;
    }),
    runs(200),
  );
  assert.ok(seen.refused > 0, JSON.stringify(seen));
});

test('bytes that are no dump, behind a header that is one', async () => {
  const header = new HprofWriter('1.0.2', 4).bytes;
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400, size: 'max' }), fc.boolean(), async (bytes, inHeap) => {
      // Inside a segment that is as long as it says, so that they are taken for objects.
      const segment = [0x1c, 0, 0, 0, 0, 0, 0, bytes.length >> 8, bytes.length & 0xff];
      await importOrRefuse(Uint8Array.from([...header, ...(inHeap ? segment : []), ...bytes]));
    }),
    runs(500),
  );
});

test.run();
