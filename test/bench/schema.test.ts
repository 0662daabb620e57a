import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { firstIssue, isResult, lineSchema, resultSchema } from '../../bench/schema.js';
import { someResult } from '../support/synthetic-results.js';

/** Numbers in a value, each by its path. */
function numbers(value: unknown, path: string[] = []): string[][] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbers(inner, [...path, key]));
}

function put(target: object, path: readonly string[], value: unknown): void {
  const holder = path.slice(0, -1).reduce<object>((inner, key) => Reflect.get(inner, key) as object, target);
  Reflect.set(holder, path[path.length - 1], value);
}

test('a result survives JSON', () => {
  const result = someResult();
  assert.equal(lineSchema.parse(JSON.parse(JSON.stringify(result))), result);
});

test('the fields are those of a result line, and each says what it is', () => {
  const fields =
    'schema config environment digest operations batchUs pauseUs faults stalls collections compactionMBps memory cpuMs';
  for (const field of fields.split(' ')) assert.ok(field in resultSchema.shape, field);
  const undocumented: string[] = [];
  const visit = (schema: z.core.JSONSchema.JSONSchema, path: string) => {
    if (path !== '' && !schema.description && !path.endsWith('[]')) undocumented.push(path);
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      visit(inner as z.core.JSONSchema.JSONSchema, path === '' ? key : `${path}.${key}`);
    }
    if (schema.items && !Array.isArray(schema.items)) visit(schema.items as z.core.JSONSchema.JSONSchema, `${path}[]`);
  };
  visit(z.toJSONSchema(resultSchema), '');
  assert.equal(undocumented, []);
});

test('a failed invocation is a line without a measurement', () => {
  const { schema, invocation, startedAt, config, environment } = someResult();
  const failure = { schema, invocation, startedAt, config, environment, error: { code: 'DEADLINE', message: 'hung' } };
  assert.equal(lineSchema.parse(failure), failure);
  assert.not.ok(isResult(lineSchema.parse(failure)));
  assert.is(lineSchema.safeParse({ ...failure, error: undefined }).success, false);
});

test('any number that is none, negative or text is refused, and its path is named', () => {
  // A load average and a byte count may be anything a system says, the rest may not be negative.
  const paths = numbers(someResult()).filter((path) => !path.includes('loadAverage'));
  fc.assert(
    fc.property(
      fc.constantFrom(...paths),
      fc.constantFrom<unknown>(-1, Number.NaN, Number.POSITIVE_INFINITY, '1', null, undefined),
      (path, value) => {
        const result = someResult();
        put(result, path, value);
        assert.is(lineSchema.safeParse(result).success, false, path.join('.'));
        assert.match(firstIssue(result) ?? '', path.join('.'));
      },
    ),
  );
});

test('whatever is not a line is refused without a throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      assert.is(lineSchema.safeParse(value).success, false);
      assert.type(firstIssue(value), 'string');
    }),
  );
});

test('numbers that are in range are taken', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.nat(), { maxLength: 8 }), (minor, byMutator) => {
      const result = someResult();
      const faulted = { ...result, faults: { ...result.faults, minor, byMutator } };
      assert.equal(lineSchema.parse(JSON.parse(JSON.stringify(faulted))), faulted);
    }),
  );
});

test('a misspelt field is refused', () => {
  assert.match(firstIssue({ ...someResult(), compactionMbps: 1 }) ?? '', 'compactionMbps');
});

test.run();
