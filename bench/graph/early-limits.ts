/** Tells that a dump is too large before it is read in earnest: that takes minutes, and memory by the GiB. */
import { freemem } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { GraphError } from './error.js';
import { HprofReader, item } from './hprof.js';
import type { ImportOptions } from './import-options.js';
import type { Input } from './input.js';
import { limits } from './limits.js';

/** Between two of these the event loop gets a turn and progress is told. */
const stepBytes = 16 << 20;
/** What reading a dump takes in memory for each of its objects, at the least: id, group, sizes, and a few references. */
const leastBytesPerObject = 48;

/**
 * Refuses an HPROF dump of more objects than a graph may hold, or than there is memory for. Only a file that is large
 * enough for them is read for it: once, by heads alone and without keeping anything.
 */
export async function refuseTooMany(input: Input, options: ImportOptions): Promise<void> {
  const most = options.mostObjects ?? limits.objects;
  const reader = new HprofReader(input, options);
  // The least that an object takes is an array without elements: tag, id, trace, length, type.
  if (input.size < most * (1 + reader.idBytes + 4 + 4 + 1)) return;
  let objects = 0;
  let tellAt = 0;
  try {
    for (let found = reader.next(); found !== item.end; found = reader.next()) {
      if (found >= item.class && ++objects > most && options.sample === undefined) {
        const part = reader.offset / input.size;
        throw tooLarge(input.name, `about ${approximately(objects / part)} objects`, `${most} objects`, part);
      }
      if (reader.offset < tellAt) continue;
      tellAt = reader.offset + stepBytes;
      options.onProgress?.({ phase: 'count', doneBytes: reader.offset, totalBytes: reader.size });
      await setImmediate();
    }
  } catch (error) {
    // Whatever else is wrong with the file is for those to tell who read it in earnest.
    if (error instanceof GraphError && error.code !== 'UNSUPPORTED') return;
    throw error;
  }
  refuseWithoutMemory(input.name, objects);
}

/** Refuses more of something than a graph may hold, once it is known how many there are. */
export function refuseMoreThan(
  name: string,
  what: 'objects' | 'references',
  count: number,
  options: ImportOptions,
): void {
  const most = what === 'objects' ? (options.mostObjects ?? limits.objects) : limits[what];
  if (options.sample === undefined && count > most) {
    throw tooLarge(name, `${count.toLocaleString('en-US')} ${what}`, `${most} ${what}`, most / count);
  }
}

/** Refuses what the machine has no memory to read. */
export function refuseWithoutMemory(name: string, objects: number): void {
  const needed = objects * leastBytesPerObject;
  const available = availableMemory();
  if (needed <= available) return;
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const what = `its ${approximately(objects)} objects take ${gib(needed)} of memory to read, when ${gib(available)} are free`;
  throw new GraphError('UNSUPPORTED', what, { path: name }, 'import it on a machine with more memory');
}

/** What a group of processes may use, where Node knows it (22 and later, 20.13). */
function availableMemory(): number {
  const known: unknown = Reflect.get(process, 'availableMemory');
  const bytes: unknown = typeof known === 'function' ? known.call(process) : undefined;
  return typeof bytes === 'number' && bytes > 0 ? bytes : freemem();
}

/** `fitting` is the share of the heap that a graph may hold. */
function tooLarge(name: string, what: string, most: string, fitting: number): GraphError {
  const share = Math.max(Math.floor(fitting * 90), 1) / 100;
  const hint = `import a part of it, whole subtrees: --sample ${share}`;
  return new GraphError('UNSUPPORTED', `${what}, when a graph holds ${most} at most`, { path: name }, hint);
}

/** To two digits. */
function approximately(count: number): string {
  return Number(count.toPrecision(2)).toLocaleString('en-US');
}
