// deadline: 600s
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { Complaint, complaintLine } from '../../bench/errors.js';
import { ResultsWriter, readResults } from '../../bench/results/results.js';
import { failureSchema, type ResultLine, resultSchema } from '../../bench/schema/index.js';
import { someResult } from '../support/synthetic-results.js';
import { damages, spoil } from './fuzz.js';
import { runs } from './runs.js';
import { valuesOf } from './schema-values.js';

const folder = mkdtempSync(join(tmpdir(), 'continuum-results-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const lines = fc.oneof(
  { weight: 4, arbitrary: valuesOf(z.toJSONSchema(resultSchema)) },
  { weight: 1, arbitrary: valuesOf(z.toJSONSchema(failureSchema)) },
) as fc.Arbitrary<ResultLine>;

test('lines of any values that the schema takes are appended and read back', () => {
  fc.assert(
    fc.property(fc.array(lines, { minLength: 1, maxLength: 4 }), (written) => {
      const writer = ResultsWriter.open(folder);
      for (const line of written) writer.append(line);
      writer.close();
      assert.equal(readResults(writer.file), written);
      rmSync(writer.file);
    }),
    runs(100),
  );
});

/** Reads it: lines, or a complaint of one line that names the file and, of a bad line, its number. */
function readOrComplain(bytes: Uint8Array): 'read' | 'refused' {
  const file = join(folder, 'spoilt.jsonl');
  writeFileSync(file, bytes);
  try {
    const read = readResults(file);
    for (const line of read)
      assert.is(resultSchema.safeParse(line).success || failureSchema.safeParse(line).success, true);
    return 'read';
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    assert.match(complaintLine(error), /^continuum: .*spoilt\.jsonl, line \d+: /);
    assert.not.match(complaintLine(error), /[\r\n]/);
    return 'refused';
  }
}

test('a spoilt file is lines or a complaint, never a crash', () => {
  const seen = { read: 0, refused: 0 };
  fc.assert(
    fc.property(fc.nat({ max: 3 }), damages, (count, by) => {
      const text = Array.from({ length: count + 1 }, (_, i) => `${JSON.stringify(someResult({}, {}, i))}\n`).join('');
      seen[readOrComplain(spoil(Buffer.from(text), by))]++;
    }),
    runs(800),
  );
  assert.ok(seen.read > 0 && seen.refused > 0, JSON.stringify(seen));
});

test('any JSON, and any text, is a complaint', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
      assert.is(readOrComplain(Buffer.from(text)), text.trim() === '' ? 'read' : 'refused');
    }),
    runs(500),
  );
});

test('a line in a field that is not its kind is a complaint that names it', () => {
  const plain = someResult();
  const fields = Object.keys(plain) as (keyof typeof plain)[];
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) => {
      const spoilt = { ...plain, [field]: value };
      fc.pre(!resultSchema.safeParse(spoilt).success);
      const file = join(folder, 'field.jsonl');
      writeFileSync(file, `${JSON.stringify(plain)}\n${JSON.stringify(spoilt)}\n`);
      assert.throws(
        () => readResults(file),
        (error: unknown) => error instanceof Complaint && error.message.includes(`line 2: ${field}`),
      );
    }),
    runs(300),
  );
});

test('brackets without end, numbers without end, and names that mean something to JavaScript', () => {
  const result = JSON.stringify(someResult());
  for (const text of [
    '['.repeat(2_000_000),
    `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`,
    `[${'9'.repeat(1_000_000)}]`,
    `{"operations":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    result.replace('"digest"', '"__proto__"'),
    result.replace('"digest"', '"constructor"'),
    result.replace('"count":4000000', '"count":1e400'),
    result.replace('"count":4000000', '"count":9007199254740993'),
  ]) {
    assert.is(readOrComplain(Buffer.from(text)), 'refused', text.slice(0, 60));
  }
});

test.run();
