/** Reading a heap snapshot of V8 (`.heapsnapshot`): JSON of a GiB and more, into columns of numbers. */
import { z } from 'zod';
import { ByteSource } from './byte-source.js';
import { damaged } from './error.js';
import type { Input } from './input.js';
import { JsonScanner } from './json-scanner.js';

/** What the nodes of a snapshot are, in the order of the file, and the edges, node after node. */
export interface V8Snapshot {
  readonly nodeCount: number;
  readonly nodeTypes: readonly string[];
  /** Per node: index in `nodeTypes`, in `strings`, its own bytes, how many edges it has. */
  readonly type: Uint8Array;
  readonly name: Uint32Array;
  readonly selfBytes: Uint32Array;
  readonly edgeCount: Uint32Array;
  readonly edgeTypes: readonly string[];
  /** Per edge: index in `edgeTypes`, and the node it leads to. */
  readonly edgeType: Uint8Array;
  readonly target: Uint32Array;
  /** Of the strings, those that were wanted. */
  readonly strings: ReadonlyMap<number, string>;
}

export interface V8Options {
  readonly chunkBytes?: number | undefined;
  /** Told once what the file says it holds, before any of it is read. */
  readonly onCounts?: (nodes: number, edges: number) => void;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** Whether a node's name is to be among the strings. */
  readonly isNamed: (nodeType: string) => boolean;
}

const longestMeta = 1 << 20;
const longestName = 1000;
/** Numbers between two reports of progress. */
const stepNumbers = 1 << 20;

const defaultNodeTypes = ['hidden', 'array', 'string', 'object', 'code', 'closure', 'regexp', 'number', 'native'];
const defaultEdgeTypes = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'];
const words = z.array(z.string()).max(256);
const firstWords = z.tuple([words], z.unknown());
const count = z.int().min(0);
const headSchema = z.object({
  meta: z.object({
    node_fields: words,
    node_types: firstWords.default([[...defaultNodeTypes, 'synthetic']]),
    edge_fields: words.default(['type', 'name_or_index', 'to_node']),
    edge_types: firstWords.default([defaultEdgeTypes]),
  }),
  node_count: count,
  edge_count: count,
});
type Head = z.infer<typeof headSchema>;

const nodeFields = ['type', 'name', 'self_size', 'edge_count'] as const;
const edgeFields = ['type', 'to_node'] as const;

/**
 * Reads a snapshot front to back, and its strings a second time where they stand before the nodes.
 *
 * @throws GraphError what is wrong with it
 */
export function readV8Snapshot(input: Input, options: V8Options): V8Snapshot {
  const source = new ByteSource(input, options.chunkBytes);
  // A byte order mark is no part of JSON, but of files that an editor has saved.
  if (source.peek() === 0xef) source.skip(3);
  return new V8Reader(source, input, options).read();
}

class V8Reader {
  private readonly json: JsonScanner;
  private head: Head | undefined;
  private nodes: ReturnType<V8Reader['readNodes']> | undefined;
  private edges: ReturnType<V8Reader['readEdges']> | undefined;
  private readonly strings = new Map<number, string>();
  /** Where strings began that could not be chosen among yet. */
  private stringsAt: number | undefined;
  private hasStrings = false;

  constructor(
    private readonly source: ByteSource,
    private readonly input: Input,
    private readonly options: V8Options,
  ) {
    this.json = new JsonScanner(source);
  }

  read(): V8Snapshot {
    this.json.object((key) => this.readPart(key));
    this.json.end();
    const { nodes, edges, head, strings } = this;
    if (head === undefined || nodes === undefined || edges === undefined || !this.hasStrings) {
      throw this.corrupt('a snapshot without its nodes, edges or strings');
    }
    if (this.stringsAt !== undefined) {
      const again = new ByteSource(this.input, this.options.chunkBytes);
      again.seek(this.stringsAt);
      this.readStrings(new JsonScanner(again));
    }
    const [nodeTypes] = head.meta.node_types;
    const [edgeTypes] = head.meta.edge_types;
    return { ...nodes, ...edges, nodeCount: head.node_count, nodeTypes, edgeTypes, strings };
  }

  private readPart(key: string): void {
    switch (key) {
      case 'snapshot':
        this.head = this.readHead();
        break;
      case 'nodes':
        this.nodes = this.readNodes(this.known(this.head));
        break;
      case 'edges':
        this.edges = this.readEdges(this.known(this.head));
        break;
      case 'strings':
        this.hasStrings = true;
        if (this.nodes === undefined) {
          this.stringsAt = this.json.offset;
          this.json.skip();
        } else this.readStrings(this.json);
        break;
      default:
        this.json.skip();
    }
  }

  private readHead(): Head {
    const parsed = headSchema.safeParse(this.json.value(longestMeta));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw this.corrupt(`a snapshot's head whose ${issue.path.join('.')} makes no sense`);
    }
    this.options.onCounts?.(parsed.data.node_count, parsed.data.edge_count);
    return parsed.data;
  }

  private readNodes({ meta, node_count: nodeCount }: Head) {
    const [type, name, self, edges] = this.places(meta.node_fields, nodeFields);
    this.bound(nodeCount, meta.node_fields.length, 'nodes');
    const columns = {
      type: new Uint8Array(nodeCount),
      name: new Uint32Array(nodeCount),
      selfBytes: new Uint32Array(nodeCount),
      edgeCount: new Uint32Array(nodeCount),
    };
    const [types] = meta.node_types;
    this.table(nodeCount, meta.node_fields.length, 'nodes', (node, field, value) => {
      if (field === type) columns.type[node] = this.below(types.length, value, 'type of node');
      else if (field === name) columns.name[node] = this.below(2 ** 32, value, 'name');
      else if (field === self) columns.selfBytes[node] = this.below(2 ** 32, value, 'size (4 GiB are too many)');
      else if (field === edges) columns.edgeCount[node] = this.below(2 ** 32, value, 'number of edges');
    });
    return columns;
  }

  private readEdges({ meta, edge_count: edgeCount, node_count: nodeCount }: Head) {
    const [type, to] = this.places(meta.edge_fields, edgeFields);
    this.bound(edgeCount, meta.edge_fields.length, 'edges');
    const columns = { edgeType: new Uint8Array(edgeCount), target: new Uint32Array(edgeCount) };
    const [types] = meta.edge_types;
    const stride = meta.node_fields.length;
    this.table(edgeCount, meta.edge_fields.length, 'edges', (edge, field, value) => {
      if (field === type) columns.edgeType[edge] = this.below(types.length, value, 'type of edge');
      else if (field === to) {
        // Edges name a node by the place of its first number.
        if (value % stride !== 0) throw this.corrupt(`an edge into the middle of a node (${value})`);
        columns.target[edge] = this.below(nodeCount, value / stride, 'node');
      }
    });
    return columns;
  }

  private readStrings(json: JsonScanner): void {
    const { type, name } = this.known(this.nodes);
    const [types] = this.known(this.head).meta.node_types;
    const isNamed = types.map((word) => this.options.isNamed(word));
    const wanted = new Set<number>();
    for (let node = 0; node < name.length; node++) if (isNamed[type[node]]) wanted.add(name[node]);
    json.strings(
      (index) => wanted.has(index),
      longestName,
      (index, text) => this.strings.set(index, text),
    );
  }

  /** Reads a list of numbers as a table of `rows` rows. */
  private table(
    rows: number,
    fields: number,
    what: string,
    take: (row: number, field: number, value: number) => void,
  ): void {
    let row = 0;
    let field = 0;
    let untilTold = stepNumbers;
    this.json.numbers((value) => {
      if (row === rows) throw this.corrupt(`more ${what} than the ${rows} that it says`);
      take(row, field, value);
      if (++field === fields) {
        field = 0;
        row++;
      }
      if (--untilTold > 0) return;
      untilTold = stepNumbers;
      this.options.onProgress?.(this.source.offset, this.source.size);
    });
    if (row !== rows || field !== 0) throw this.corrupt(`${row} ${what} instead of ${rows}`);
  }

  private places(fields: readonly string[], wanted: readonly string[]): number[] {
    return wanted.map((name) => {
      const place = fields.indexOf(name);
      if (place < 0) throw this.corrupt(`a snapshot without the field ${name}`);
      return place;
    });
  }

  /** Nothing is allocated that the file cannot fill: a number takes two bytes at least, the comma included. */
  private bound(rows: number, fields: number, what: string): void {
    if (rows * fields * 2 > this.source.size) throw this.corrupt(`${rows} ${what}, for which the file is too small`);
  }

  private below(bound: number, value: number, what: string): number {
    if (value >= bound) throw this.corrupt(`${value} is no ${what}`);
    return value;
  }

  private known<T>(part: T | undefined): T {
    if (part === undefined) throw this.corrupt('a snapshot whose head does not come first');
    return part;
  }

  private corrupt(what: string): Error {
    return this.source.error('CORRUPT', what, damaged);
  }
}
