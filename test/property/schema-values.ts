/** Arbitrary values of a JSON Schema, as zod writes it for the schemas of bench/. */
import fc from 'fast-check';
import type { z } from 'zod';

type Schema = z.core.JSONSchema.JSONSchema;

/** Throws RangeError for a part of a schema that it does not know: it must not be passed over. */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => valuesOf(each as Schema)));
  const { type } = schema as { readonly type?: string | readonly ('string' | 'null')[] };
  if (typeof type === 'object') return fc.oneof(...type.map((each) => valuesOf({ ...schema, type: each })));
  switch (schema.type) {
    case 'object':
      return objectsOf(schema);
    case 'array':
      return arraysOf(schema);
    case 'integer':
      return wholeNumbers(schema);
    case 'number':
      return numbers(schema);
    case 'string':
      return strings(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
  }
  throw new RangeError(`no arbitrary for ${JSON.stringify(schema)}`);
}

function objectsOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, valuesOf(each as Schema)]));
  // Without a prototype of its own, an object is another one than what JSON makes.
  return fc.record(fields, { requiredKeys: required as string[], noNullPrototype: true });
}

function arraysOf({ items, prefixItems }: Schema): fc.Arbitrary<unknown> {
  if (prefixItems !== undefined) return fc.tuple(...prefixItems.map((each) => valuesOf(each as Schema)));
  return fc.array(valuesOf(items as Schema), { maxLength: 6 });
}

function wholeNumbers({
  minimum = Number.MIN_SAFE_INTEGER,
  maximum = Number.MAX_SAFE_INTEGER,
  multipleOf = 1,
}: Schema) {
  const [min, max] = [Math.ceil(minimum / multipleOf), Math.floor(maximum / multipleOf)];
  return fc.maxSafeInteger().map((any) => (min + (Math.abs(any) % (max - min + 1 || 1))) * multipleOf);
}

function numbers({ minimum, maximum, exclusiveMinimum }: Schema): fc.Arbitrary<number> {
  const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum : undefined;
  const min = above ?? minimum;
  return fc
    .double({
      ...{ noNaN: true, noDefaultInfinity: true, minExcluded: above !== undefined },
      ...(min !== undefined && { min }),
      ...(maximum !== undefined && { max: maximum }),
    })
    .map((value) => value + 0); // JSON has no -0
}

function strings({ format, minLength }: Schema): fc.Arbitrary<string> {
  if (format !== 'date-time') return fc.string({ unit: 'binary', ...(minLength !== undefined && { minLength }) });
  const most = Date.UTC(9999, 11, 31);
  return fc.integer({ min: 0, max: most }).map((ms) => new Date(ms).toISOString());
}
