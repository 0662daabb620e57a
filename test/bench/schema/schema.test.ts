import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { panelsOf } from '../../../bench/report/panels.js';
import { renderPanel } from '../../../bench/report/table.js';
import { faultsTaken, firstIssue, isResult, lineSchema, resultSchema } from '../../../bench/schema/index.js';
import { someResult } from '../../support/synthetic-results.js';

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

/** Written before there was more than one delivery, and before there were settings of the collector. */
const olderLine =
  '{"schema":"continuum/1","invocation":0,"startedAt":"2026-01-02T03:04:05.678Z",' +
  '"config":{"workload":"javac","scale":1,"resolution":"continue","delivery":"handler","flip":"bank",' +
  '"heapBytes":134217728,"mutators":1,"gcWorkers":1,"seconds":8,"seed":1,"quick":false},' +
  '"environment":{"kernel":"6.18.0","cpu":"a processor","cores":2,"node":"v20.0.0","features":["MINOR_SHMEM"],' +
  '"commit":null,"continuum":"0.1.0","memoryBytes":8589934592,"transparentHugePages":{"anonymous":"madvise",' +
  '"shmem":"never"},"openedBy":"userfaultfd(2)","loadAverage":[0.1,0.2,0.3]},' +
  '"digest":{"ok":true,"objects":900000,"bytes":67108864,"checked":900000},' +
  '"operations":{"count":4000000,"perSecond":500000},' +
  '"batchUs":{"count":4000,"p50":1500,"p99":4000,"p999":30000,"max":50000},' +
  '"pauseUs":{"remark":{"count":5,"p50":90,"p99":140,"max":150},"flip":{"count":5,"p50":90,"p99":140,"max":150}},' +
  '"faults":{"missing":3,"minor":1437,"byMutator":[1440],"serviceUs":{"count":1440,"p50":12,"p99":40,"max":300}},' +
  '"stalls":{"count":0,"totalMs":0,"maxMs":0},"collections":[{"cycle":1,"trigger":"allocation",' +
  '"liveBytes":67108864,"evacuatedBytes":16777216,"reclaimedBytes":25165824,"pages":{"built":4096,"updated":8192,' +
  '"mapped":1024,"publishedInBulk":12000,"publishedByFault":288},"ms":{"mark":80,"remark":0.1,"plan":4,"flip":0.1,' +
  '"compact":100,"reclaim":3,"total":187.2},"publishNsPerPage":200,"cpuMs":190}],"compactionMBps":358.5,' +
  '"memory":{"peakPssBytes":146800640,"metadataBytes":5242880,"heapResidentBytes":125829120},' +
  '"cpuMs":{"total":9000,"collector":900,"mutators":8000}}';

test('what was written before is read, to the same line', () => {
  const line = lineSchema.parse(JSON.parse(olderLine));
  assert.is(JSON.stringify(line), olderLine);
  assert.ok(isResult(line));
  assert.is(isResult(line) ? faultsTaken(line.faults) : 0, 1440);
  const [panel] = panelsOf([line]);
  assert.not.match(renderPanel(panel), /NaN|Infinity|undefined/);
});

test('what may be absent is read where it is there', () => {
  const result = someResult({
    ...{ resolution: 'protect', delivery: 'signal', batch: 16, publish: 'lazy', walk: 'faults', evacuate: 'none' },
    ...{ residentFree: 'all', faultServers: 4, userfaultfds: 2, barrier: 'kernel', pages: '2M', poison: true },
  });
  const [one, ...rest] = result.collections;
  const full = {
    ...result,
    faults: { ...result.faults, signal: 12 },
    stalls: { ...result.stalls, paced: { count: 1, totalMs: 10 } },
    collections: [{ ...one, pages: { ...one.pages, mappedAhead: 7 }, incidents: ['worker 0 was replaced'] }, ...rest],
  };
  assert.equal(lineSchema.parse(JSON.parse(JSON.stringify(full))), full);
  const paths = numbers(full).filter((path) => !numbers(someResult()).some((known) => known.join() === path.join()));
  assert.is(paths.length, 7);
  for (const path of paths) {
    const spoiled = structuredClone(full);
    put(spoiled, path, -1);
    assert.match(firstIssue(spoiled) ?? '', path.join('.'));
  }
});

test('a misspelt field is refused', () => {
  assert.match(firstIssue({ ...someResult(), compactionMbps: 1 }) ?? '', 'compactionMbps');
});

test.run();
