/** A thread that fills its lane of a recorder: record `i` begins at `i`, and is of page `i`. */
import { workerData } from 'node:worker_threads';
import { Recorder, TraceKind } from '../../heap/index.js';

export interface TraceTask {
  readonly recorder: number;
  readonly mutators: number;
  readonly lane: number;
  readonly records: number;
}

const { recorder: id, mutators, lane, records } = workerData as TraceTask;
const recorder = Recorder.attach(id, mutators);
for (let i = 0; i < records; i++) recorder.record(lane, TraceKind.PACE, i, i, lane);
