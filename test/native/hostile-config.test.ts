/** Kernels for a heap that is not described as it is: refused, before anything is touched. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type HeapShape, layOut, Recorder } from '../../heap/index.js';
import { Kernels, Mapping } from '../../native/index.js';
import { addon } from '../../native/loader.js';
import { HOSTILE, NUMBERS, Sprung, trap } from '../support/hostile-values.js';

type Config = Record<string, unknown>;
const { kernelsCreate, kernelsClose } = addon as {
  kernelsCreate(...args: readonly unknown[]): number;
  kernelsClose(id: number): void;
};

const SHAPE: HeapShape = { bytes: 1 << 20, regionBytes: 64 << 10, pageBytes: 4096, mutators: 1 };
const layout = layOut(SHAPE);
const metadata = Mapping.anonymous(layout.metadataBytes);
const workspace = Mapping.anonymous(layout.spanBytes);
const small = Mapping.anonymous(4096);
const staging = Mapping.anonymous(64 << 10);
const gone = Mapping.anonymous(4096);
gone.close();

function config(): Config {
  const { granules, granulesPerPage, granulesPerRegion, live, starts, destination, origin, region } = layout;
  const { pageState, flip, faultCounts, slotPages, mutators } = layout;
  return {
    ...{ granules, granulesPerPage, granulesPerRegion, live, starts, destination, origin, pageState, flip },
    ...{ faultCounts, slotPages, mutators, ...region },
    ...{ metadata: metadata.id, workspace: workspace.id, view: workspace.id, staging: staging.id },
  };
}

/** The region columns that only TypeScript uses: the kernels do not look at them. */
const UNUSED = ['regionPins', 'regionWalked', 'regionPoisoned'];
const fields = Object.keys(config()).filter((name) => !UNUSED.includes(name));

function refuses(given: unknown, what: string): void {
  let id: number;
  try {
    id = kernelsCreate(given);
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError, `${what}: ${error}`);
    return;
  }
  kernelsClose(id);
  assert.unreachable(`${what} made a heap`);
}

test('a heap that is described as it is can be made, as often as one likes', () => {
  for (let i = 0; i < 3; i++) kernelsClose(kernelsCreate(config()));
});

test('every field is needed, and has to be a number of the kind', () => {
  assert.ok(fields.length > 25, `${fields.length} fields`);
  for (const field of fields) {
    if (field !== 'staging') {
      const { [field]: _, ...rest } = config();
      refuses(rest, `without ${field}`);
    }
    for (const { name, make } of HOSTILE) refuses({ ...config(), [field]: make() }, `${field}: ${name}`);
  }
});

test('a getter’s own error is what is heard of, and its second answer is not asked for', () => {
  for (const field of fields) {
    const thrower = Object.defineProperty(config(), field, {
      get: () => {
        throw new Sprung(field);
      },
    });
    assert.throws(
      () => kernelsCreate(thrower),
      (error: unknown) => error instanceof Sprung && error.message === field,
    );
    let asked = 0;
    const value = config()[field];
    const liar = Object.defineProperty(config(), field, { get: () => (asked++ === 0 ? value : 2 ** 40) });
    kernelsClose(kernelsCreate(liar));
    assert.is(asked, 1, field);
  }
  assert.throws(
    () => kernelsCreate(trap()),
    (error: unknown) => error instanceof Sprung,
  );
});

test('what is no configuration is refused', () => {
  for (const { name, make } of HOSTILE) {
    if (name !== 'a proxy that throws') refuses(make(), name);
  }
  refuses(undefined, 'nothing');
});

test('columns lie inside the metadata, at whole words, and not on one another', () => {
  const columns = fields
    .filter((name) => name in layout || name in layout.region)
    .filter((name) => !/granules|mutators/.test(name));
  for (const column of columns) {
    const own = config()[column] as number;
    for (const offset of [
      own + 4,
      own + 1,
      layout.metadataBytes,
      layout.metadataBytes - 8,
      2 ** 40,
      2 ** 53,
      2 ** 53 - 8,
    ]) {
      refuses({ ...config(), [column]: offset }, `${column} at ${offset}`);
    }
    for (const other of columns) {
      if (other !== column) refuses({ ...config(), [column]: config()[other] }, `${column} where ${other} is`);
    }
  }
});

test('shapes are powers of two that fit the memory', () => {
  const { granules } = layout;
  for (const shape of [
    ...[granules - 1, granules + 1, granules - 64, granules * 2, granules + 8192, 64, 0, 1].map((n) => ({
      granules: n,
    })),
    ...[0, 1, 63, 32, 100, 16384, 2 ** 31].map((granulesPerPage) => ({ granulesPerPage })),
    ...[0, 1, 256, 8191, 12_288, 2 ** 31].map((granulesPerRegion) => ({ granulesPerRegion })),
    { mutators: 500 },
    { mutators: 2 ** 32 - 1 },
    { mutators: 2 ** 32 },
  ]) {
    refuses({ ...config(), ...shape }, JSON.stringify(shape));
  }
});

test('mappings are open, large enough, and metadata has one to itself', () => {
  for (const name of ['metadata', 'workspace', 'view', 'staging']) {
    refuses({ ...config(), [name]: gone.id }, `${name} is closed`);
    refuses({ ...config(), [name]: 1 }, `${name} never was`);
    if (name !== 'staging') refuses({ ...config(), [name]: small.id }, `${name} is too small`);
    if (name !== 'metadata') refuses({ ...config(), [name]: metadata.id }, `${name} is the metadata`);
  }
  refuses({ ...config(), metadata: workspace.id }, 'metadata is the workspace');
  refuses({ ...config(), staging: workspace.id }, 'staging is the workspace');
});

test('a recorder is one: a mapping of its own, with room for what its header says', () => {
  const recorder = Recorder.create(1, 2, 1);
  kernelsClose(kernelsCreate({ ...config(), trace: recorder.id }));
  for (const value of HOSTILE) {
    refuses({ ...config(), trace: value }, `trace = ${String(value)}`);
  }
  const others = { gone, small, metadata, workspace, staging };
  for (const [name, { id }] of Object.entries(others)) refuses({ ...config(), trace: id }, `trace is ${name}`);
  const header = new Int32Array(Mapping.attach(recorder.id).buffer);
  const [CHUNKS, PAGE_CHUNKS, LANES] = [2, 3, 4];
  for (const [word, ...values] of [
    [CHUNKS, 4, 1 << 20, -1, 0],
    [PAGE_CHUNKS, 4, -1],
    [LANES, 0, 1, 1 << 20, -1],
  ]) {
    const before = header[word];
    for (const value of values) {
      header[word] = value;
      refuses({ ...config(), trace: recorder.id }, `word ${word} of the header is ${value}`);
    }
    header[word] = before;
  }
  kernelsClose(kernelsCreate({ ...config(), trace: recorder.id }));
  recorder.close();
});

test('the typed layer says the same, whatever numbers are mixed into a layout', () => {
  const memory = { metadata, workspace, view: workspace, staging: null, moves: false };
  Kernels.create(layout, memory).close();
  for (const number of NUMBERS) {
    assert.throws(
      () => Kernels.create({ ...layout, granules: number }, memory),
      (error: unknown) => error instanceof TypeError,
      `${number} granules`,
    );
    assert.throws(
      () => Kernels.create({ ...layout, live: number }, memory),
      (error: unknown) => error instanceof TypeError,
      `live at ${number}`,
    );
    assert.throws(
      () => Kernels.attach(number),
      (error: unknown) => error instanceof RangeError,
      `id ${number}`,
    );
  }
  assert.throws(
    () => Kernels.create(layOut({ ...SHAPE, bytes: 2 << 20 }), memory),
    (error: unknown) => error instanceof TypeError,
    'a larger heap',
  );
});

test.run();
