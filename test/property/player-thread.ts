/** A thread that plays programs, one after the other, on the heap and the model that it was given. */
import { parentPort, workerData } from 'node:worker_threads';
import { Heap, type HeapHandle } from '../../heap/index.js';
import { type ModelHandle, ModelHeap } from '../model/index.js';
import { Player, type PlayerResult } from './player.js';
import type { Program } from './program.js';
import { Turns, type TurnsHandle } from './turns.js';

export interface ThreadTask {
  readonly heap: HeapHandle;
  readonly model: ModelHandle;
}

export interface Part {
  readonly program: Program;
  readonly number: number;
  readonly turns: TurnsHandle;
}

export type Answer = PlayerResult | { readonly error: string };

const task = workerData as ThreadTask;
const heap = Heap.attach(task.heap);
const model = ModelHeap.attach(task.model);

parentPort!.on('message', ({ program, number, turns: handle }: Part) => {
  const turns = new Turns(handle);
  let answer: Answer;
  try {
    answer = new Player(heap, model, program, number, turns).run();
  } catch (error) {
    answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    turns.fail();
  }
  parentPort!.postMessage(answer);
});
