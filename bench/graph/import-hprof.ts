import { setImmediate } from 'node:timers/promises';
import { DumpClasses } from './dump-classes.js';
import { describeGroup } from './dump-groups.js';
import { ObjectCollector } from './dump-objects.js';
import { ReferenceCollector } from './dump-references.js';
import { refuseMoreThan, refuseTooMany } from './early-limits.js';
import { GraphError } from './error.js';
import { type HprofOptions, HprofReader, type Item, item } from './hprof.js';
import type { Imported, ImportOptions } from './import-options.js';
import type { Input } from './input.js';
import { keepReachable } from './raw-graph.js';

/** Between two of these the event loop gets a turn and progress is told. */
const stepBytes = 4 << 20;

/** The graph of an HPROF dump, read front to back twice: which objects there are, then what they refer to. */
export async function importHprofDump(input: Input, options: ImportOptions): Promise<Imported> {
  await refuseTooMany(input, options);
  try {
    return await inTwoPasses(input, options, false);
  } catch (error) {
    if (!(error instanceof GraphError && (error.code === 'CORRUPT' || error.code === 'TRUNCATED'))) throw error;
    // Tools that strip a dump in place leave the heads of primitive arrays: read so it makes sense, or it does not.
    const stripped = await inTwoPasses(input, options, true).catch(() => undefined);
    if (stripped === undefined || stripped.report.strippedArrays === 0) throw error;
    return stripped;
  }
}

async function inTwoPasses(input: Input, options: ImportOptions, stripped: boolean): Promise<Imported> {
  const how: HprofOptions = { chunkBytes: options.chunkBytes, dump: options.dump, stripped };
  const first = new HprofReader(input, how);
  const classes = new DumpClasses(first.idBytes);
  const collector = new ObjectCollector(first, classes);
  await pass(first, 0, options, (found) => collector.take(found));
  const objects = collector.finish();
  refuseMoreThan(input.name, 'references', objects.firstReference[objects.table.count], options);

  const second = new HprofReader(input, how);
  const links = new ReferenceCollector(second, classes, objects);
  await pass(second, first.size, options, (found) => links.take(found));
  if (!links.complete()) throw second.corrupt('the file changed while it was read');

  const { graph, reachable, cutReferences } = keepReachable(
    {
      ...objects,
      references: links.references,
      groupCount: objects.groups.length,
      describe: (group) => describeGroup(objects.groups[group], classes),
    },
    options.sample,
  );
  const dumpObjects = objects.table.count;
  return {
    graph,
    report: {
      format: first.version,
      dumpBytes: input.size,
      dumpObjects,
      unreachableObjects: dumpObjects - reachable,
      duplicateObjects: objects.duplicates,
      danglingReferences: links.dangling + objects.danglingRoots,
      standIns: objects.standIns,
      bootRoots: objects.bootRoots,
      wrongLengths: first.wrongLengths,
      strippedArrays: first.strippedArrays,
      dump: options.dump ?? 1,
      dumps: first.dumps,
      unsampledObjects: reachable - graph.objectCount,
      cutReferences,
    },
  };
}

/** Reads a dump to its end, letting the event loop have a turn now and then. */
export async function pass(
  reader: HprofReader,
  before: number,
  options: Pick<ImportOptions, 'onProgress'>,
  take: (found: Item) => void,
): Promise<void> {
  let tellAt = 0;
  for (let found = reader.next(); found !== item.end; found = reader.next()) {
    take(found);
    if (reader.offset < tellAt) continue;
    tellAt = reader.offset + stepBytes;
    options.onProgress?.({ phase: 'read', doneBytes: before + reader.offset, totalBytes: 2 * reader.size });
    await setImmediate();
  }
  options.onProgress?.({ phase: 'read', doneBytes: before + reader.size, totalBytes: 2 * reader.size });
}
