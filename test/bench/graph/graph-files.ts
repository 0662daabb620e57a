import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { GraphError, type GraphErrorCode } from '../../../bench/graph/error.js';
import type { HeapGraph } from '../../../bench/graph/graph.js';
import { nullReference } from '../../../bench/graph/graph.js';

/** A folder of its own for each test file; gone when the process ends. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'continuum-graph-'));

  constructor() {
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, bytes: Uint8Array): string {
    const path = this.path(name);
    writeFileSync(path, bytes);
    return path;
  }
}

/** What `action` throws, which must be a `GraphError` with one line each for what is wrong and what to do. */
export async function graphErrorOf(action: () => unknown): Promise<GraphError> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    assert.not.match(error.message, /[\r\n]/);
    assert.not.match(error.hint, /[\r\n]/);
    assert.ok(error.hint.length > 0);
    return error;
  }
  throw new Error('nothing was thrown');
}

/** Asserts that `action` throws a `GraphError` with `code` whose message matches `pattern`. */
export async function throwsGraphError(
  action: () => unknown,
  code: GraphErrorCode,
  pattern: RegExp,
): Promise<GraphError> {
  const error = await graphErrorOf(action);
  assert.match(error.message, pattern);
  assert.is(error.code, code, error.message);
  return error;
}

/** A graph in plain arrays, null references as null: for comparing. */
export function plain(graph: HeapGraph) {
  const { objectCount, firstReference } = graph;
  return {
    classes: graph.classes.map((each) => ({ ...each, referenceOffsets: [...each.referenceOffsets] })),
    classOf: [...graph.classOf],
    payloadBytes: [...graph.payloadBytes],
    references: Array.from({ length: objectCount }, (_, object) =>
      Array.from(graph.references.subarray(firstReference[object], firstReference[object + 1]), (target) =>
        target === nullReference ? null : target,
      ),
    ),
    roots: [...graph.roots],
  };
}
