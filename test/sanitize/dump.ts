/** What a fuzz target was given and did: the columns that test/sanitize/fuzz/dump.h writes, as the model has them. */
import { readFileSync } from 'node:fs';
import { type ModelMemory, type ModelShape, modelShape, newMemory } from '../model/memory.js';

const MAGIC = 'CTNMDUMP';
const REGION_COLUMNS = [
  'regionState',
  'regionTop',
  'regionBorn',
  'regionHead',
  'regionSize',
  'regionReferences',
] as const;

export class Dump {
  private readonly columns = new Map<string, Uint32Array>();
  readonly shape: ModelShape;
  /** The cycle in which regions that are live throughout were born. */
  readonly cycle: number;

  constructor(file: string) {
    const bytes = readFileSync(file);
    if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error(`${file} is no dump`);
    for (let at = MAGIC.length; at < bytes.length; ) {
      const name = bytes.toString('latin1', at + 4, at + 4 + bytes.readUInt32LE(at));
      at += 4 + name.length;
      const end = at + 4 + 4 * bytes.readUInt32LE(at);
      this.columns.set(name, new Uint32Array(bytes.buffer.slice(bytes.byteOffset + at + 4, bytes.byteOffset + end)));
      at = end;
    }
    const [regions, granulesPerRegion, granulesPerPage, cycle] = this.get('shape') as unknown as number[];
    this.shape = modelShape(regions!, granulesPerRegion!, granulesPerPage!);
    this.cycle = cycle!;
  }

  has(name: string): boolean {
    return this.columns.has(name);
  }

  get(name: string): Uint32Array {
    const column = this.columns.get(name);
    if (column === undefined) throw new Error(`the dump has no column ${name}`);
    return column;
  }

  /** The heap as the target made it, before anything was done. */
  memory(): ModelMemory {
    const memory = newMemory(this.shape);
    if (this.has('words')) memory.words.set(this.get('words'));
    for (const name of REGION_COLUMNS) memory[name].set(this.get(name));
    memory.destination.fill(0xffffffff);
    return memory;
  }
}
