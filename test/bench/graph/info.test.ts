import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sizeInHeap } from '../../../bench/graph/graph.js';
import {
  describeGraph,
  formatDescription,
  type GraphDescription,
  graphImport,
  graphInfo,
  importHprof,
} from '../../../bench/graph/index.js';
import { Scratch } from './graph-files.js';
import { androidDump, jvmDump } from './known-heap.js';

const scratch = new Scratch();
const dump = scratch.write('known.hprof', jvmDump(8).bytes);
const about = describeGraph(await importHprof(dump));

test('sizes are a header, references of 4 bytes and payload, in granules of 8', () => {
  assert.is(sizeInHeap(0, 0), 8);
  assert.is(sizeInHeap(1, 0), 16);
  assert.is(sizeInHeap(2, 0), 16);
  assert.is(sizeInHeap(2, 1), 24);
  assert.is(sizeInHeap(0, 0xffff_ffff), 0x1_0000_0008);
});

test('the known heap, by hand', () => {
  // 24 + 32 + 40 + 24 for the class objects (4, 5, 5 and 4 references; 5 bytes), 32 + 32 nodes, 24, 24, 328 arrays.
  const { topClasses, ...figures } = about;
  assert.equal(figures, {
    objects: 9,
    bytes: 560,
    meanBytes: 560 / 9,
    p50Bytes: 32,
    p99Bytes: 328,
    largestBytes: 328,
    slots: 25,
    references: 11,
    slotsPerObject: 25 / 9,
    referencesPerObject: 11 / 9,
    shareWithoutSlots: 2 / 9,
    shareWithoutReferences: 3 / 9,
    largeObjectBytes: 0,
    shareInLargeObjects: 0,
    roots: 5,
    classes: 5,
  });
  assert.equal(topClasses.slice(0, 3), [
    { name: 'long[]', kind: 'primitive-array', objects: 1, bytes: 328 },
    { name: 'java.lang.Class', kind: 'class', objects: 4, bytes: 120 },
    { name: 'test.Node', kind: 'instance', objects: 2, bytes: 64 },
  ]);
});

test('nothing is described without dividing by it', () => {
  const none = new Uint32Array(0);
  const empty = describeGraph({
    objectCount: 0,
    classes: [],
    classOf: none,
    firstReference: new Uint32Array(1),
    payloadBytes: none,
    references: none,
    roots: none,
  });
  assert.is(empty.meanBytes, 0);
  assert.is(empty.p99Bytes, 0);
  assert.match(formatDescription(empty), /objects +0\n/);
});

test('classes of one name count as one', () => {
  const named = (name: string) =>
    ({ name, kind: 'instance', fieldBytes: 8, referenceOffsets: new Uint32Array(0) }) as const;
  const { topClasses } = describeGraph({
    objectCount: 3,
    classes: [named('A'), named('B'), named('A')],
    classOf: Uint32Array.of(0, 1, 2),
    firstReference: new Uint32Array(4),
    payloadBytes: Uint32Array.of(8, 8, 8),
    references: new Uint32Array(0),
    roots: Uint32Array.of(0, 1, 2),
  });
  assert.equal(
    topClasses.map(({ name, objects, bytes }) => [name, objects, bytes]),
    [
      ['A', 2, 32],
      ['B', 1, 16],
    ],
  );
});

test('import makes a file that info describes, as text and as JSON', async () => {
  const output = scratch.path('known.heapgraph');
  let told = 0;
  const made = await graphImport(scratch.write('android.hprof', androidDump().bytes), output, {
    onProgress: () => told++,
  });
  assert.ok(told > 0);
  assert.equal(made.description, about);
  assert.is(made.report.format, 'JAVA PROFILE 1.0.3');
  const parsed: GraphDescription = JSON.parse(await graphInfo(output, { json: true }));
  assert.equal(parsed, about);
  const text = await graphInfo(output);
  assert.is(text, formatDescription(about));
  assert.match(text, /^objects +9$/m);
  assert.match(text, /^ +328 +58\.6% +1 {2}long\[\]$/m);
});

test.run();
