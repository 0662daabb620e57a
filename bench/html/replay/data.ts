/** What the replay of a cycle is made from: the same in the program that writes the report and in the page that shows it. */
import type { TraceLane } from '../../../heap/trace-records.js';
import { type Table, TableReader, TableWriter } from './columns.js';

export type Lane = TraceLane;
export type Role = Lane['role'];

/** How a page was made right, as column `how` of the forwards has it. */
export const howForwarded = ['built', 'updated', 'as it was'] as const;

/** Which wait of a mutator, as column `kind` of the waits has it. */
export const WaitKind = { STALL: 0, PACE: 1, STOOD: 2 } as const;

/** Phases that are shown, as column `kind` of the phases has it. Pauses are those that stop every mutator. */
export const phaseNames = ['mark', 'remark', 'plan', 'ahead', 'flip', 'compact', 'reclaim', 'stop'] as const;
export type PhaseName = (typeof phaseNames)[number];
export const pauseNames: readonly PhaseName[] = ['remark', 'flip', 'stop'];

const forwardColumns = ['lane', 'begin', 'duration', 'page', 'how'] as const;
const publishColumns = ['lane', 'begin', 'duration', 'page', 'count', 'ahead'] as const;
const faultColumns = ['lane', 'begin', 'duration', 'page', 'mutator'] as const;
const waitColumns = ['lane', 'begin', 'duration', 'kind'] as const;
const phaseColumns = ['lane', 'begin', 'duration', 'kind'] as const;

/**
 * Everything that happened in one cycle, in ns since its flip began; what came before has negative times. Rows are in
 * the order of lane and begin.
 */
export interface CycleTables {
  /** A page claimed at `begin` and ready at `begin + duration`. */
  readonly forwards: Table<(typeof forwardColumns)[number]>;
  /** Pages `page` … `page + count - 1` published by one call; `ahead` is 1 for those mapped ahead of the flip. */
  readonly publishes: Table<(typeof publishColumns)[number]>;
  /** `lane` served a fault of `mutator`, an index among the lanes, which waited from `begin` for `duration`. */
  readonly faults: Table<(typeof faultColumns)[number]>;
  readonly waits: Table<(typeof waitColumns)[number]>;
  readonly phases: Table<(typeof phaseColumns)[number]>;
}

export type TableName = keyof CycleTables;

export const columnsOf = {
  forwards: forwardColumns,
  publishes: publishColumns,
  faults: faultColumns,
  waits: waitColumns,
  phases: phaseColumns,
} as const satisfies Record<TableName, readonly string[]>;

/** What is known of a cycle before its tables are unpacked. */
export interface CycleHead {
  readonly cycle: number;
  /** Why this one was chosen: `the longest compaction`. */
  readonly why: readonly string[];
  /** From the flip's begin to the end of the compaction, ns. */
  readonly spanNs: number;
  readonly faults: number;
  /** Id of the element with the packed tables. */
  readonly element: string;
}

/** A traced invocation, as it stands in the report. */
export interface ReplayHead {
  /** What was run. */
  readonly title: string;
  readonly pages: number;
  readonly pagesPerRegion: number;
  readonly pageBytes: number;
  readonly lanes: readonly Lane[];
  readonly cycles: readonly CycleHead[];
}

export function encodeTables(tables: CycleTables): Uint8Array<ArrayBuffer> {
  const writer = new TableWriter();
  writer.write(tables.forwards, forwardColumns);
  writer.write(tables.publishes, publishColumns);
  writer.write(tables.faults, faultColumns);
  writer.write(tables.waits, waitColumns);
  writer.write(tables.phases, phaseColumns);
  return writer.bytes();
}

/** @throws RangeError if the bytes are not what `encodeTables` made. */
export function decodeTables(bytes: Uint8Array): CycleTables {
  const reader = new TableReader(bytes);
  return {
    forwards: reader.read(forwardColumns),
    publishes: reader.read(publishColumns),
    faults: reader.read(faultColumns),
    waits: reader.read(waitColumns),
    phases: reader.read(phaseColumns),
  };
}
