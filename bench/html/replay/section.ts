/** The section that plays recorded cycles back: which of them it holds, and the elements that the script fills. */
import { deflateRawSync } from 'node:zlib';
import { Complaint } from '../../errors.js';
import { formatCount } from '../../sizes.js';
import { TraceFile } from '../../trace/file.js';
import { html, type Markup } from '../markup.js';
import type { DataBlock, Recording, Section } from '../section.js';
import { replayBody } from './body.js';
import { chooseCycles, collect, findCycles } from './collect.js';
import { encodeTables, type ReplayHead } from './data.js';
import { replayStyles } from './styles.js';

/** Cycles of a recording that are embedded unless it is said how many. */
const someCycles = 3;
/** Bytes of base64 that a report's replays may take together. */
const mostBytes = 24 << 20;

interface Packed {
  readonly head: ReplayHead;
  readonly data: readonly DataBlock[];
  readonly notes: readonly string[];
}

/** The section, with at most so many cycles of each recording, and one line for every one that cannot be played. */
export function replaySection(recordings: readonly Recording[], cycles: number = someCycles): Section | undefined {
  if (recordings.length === 0) return undefined;
  const packed: Packed[] = [];
  const notes: string[] = [];
  let room = mostBytes;
  for (const [i, recording] of recordings.entries()) {
    try {
      const one = pack(recording, `replay-${i}`, cycles, room);
      notes.push(...one.notes.map((note) => `${recording.label}: ${note}`));
      if (one.head.cycles.length === 0) continue;
      packed.push(one);
      room -= bytesOf(one.data);
    } catch (error) {
      // A file that is missing or damaged takes nothing from the rest of the report.
      if (!(error instanceof Complaint)) throw error;
      notes.push(`${recording.label}: not played back: ${error.message}`);
    }
  }
  return sectionOf(packed, notes);
}

function sectionOf(packed: readonly Packed[], notes: readonly string[]): Section {
  const lines: Markup = html`${notes.map((note) => html`<p class="small faint">${note}</p>`)}`;
  const base = { id: 'replay', title: 'Replay: a collection, page by page' };
  if (packed.length === 0) return { ...base, body: lines };
  const heads = packed.map(({ head }) => head);
  return {
    ...base,
    body: html`${replayBody}${lines}`,
    css: replayStyles,
    data: [{ id: 'replay-heads', json: heads }, ...packed.flatMap(({ data }) => data)],
    scripts: [new URL('./page/main.js', import.meta.url)],
  };
}

/** Chosen cycles of a trace file, as many as there is room for. @throws Complaint where the file cannot be read. */
function pack({ file, label }: Recording, id: string, most: number, room: number): Packed {
  const trace = TraceFile.open(file);
  try {
    const { pages, pagesPerRegion, pageBytes, lanes, dropped } = trace.header;
    const found = findCycles(trace);
    const chosen = chooseCycles(found, most);
    const notes: string[] = [];
    const data: DataBlock[] = [];
    const cycles: ReplayHead['cycles'][number][] = [];
    let left = room;
    for (const [i, { tables, senseless }] of collect(trace, chosen).entries()) {
      const { cycle, why, faults, flip, done } = chosen[i];
      const element = `${id}-${cycle}`;
      const base64 = deflateRawSync(encodeTables(tables)).toString('base64');
      if (base64.length > left) continue;
      left -= base64.length;
      data.push({ id: element, base64 });
      cycles.push({ cycle, why, faults, spanNs: Math.round(done - flip), element });
      if (senseless > 0)
        notes.push(`${formatCount(senseless)} records of cycle ${cycle} made no sense and were left out`);
    }
    if (found.length === 0) notes.push('nothing to play back: no cycle was recorded from its flip to its end');
    else if (cycles.length < found.length) {
      const which = cycles.map(({ cycle }) => cycle).join(', ');
      notes.push(`of ${found.length} recorded cycles this report holds ${which || 'none'}; the trace has them all`);
    }
    if (dropped > 0)
      notes.push(`${formatCount(dropped)} records did not fit into the trace, so some pages may seem stale`);
    return { head: { title: label, pages, pagesPerRegion, pageBytes, lanes, cycles }, data, notes };
  } finally {
    trace.close();
  }
}

function bytesOf(data: readonly DataBlock[]): number {
  return data.reduce((sum, block) => sum + ('base64' in block ? block.base64.length : 0), 0);
}
