/**
 * One of two threads that play the litmus tests of memory models with Atomics on a heap's metadata, which is an ordinary
 * ArrayBuffer, and post what they saw. The loops run hot, so that most of each is optimised code.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Heap } from '../../heap/index.js';
import { LINES, type Litmus, type LitmusTask, type Seen, STRIDE, TURNS } from './litmus-words.js';

const { heap: handle, kind, side, ms, turns } = workerData as LitmusTask;
const { meta } = Heap.attach(handle);
const [mine, other] = [meta.stack(side), meta.stack(1 - side)];
const words = meta.stack(2);
const until = performance.now() + ms;

/** Waits for the other thread; false once time is up for both, which side 0 decides. */
function meet(round: number): boolean {
  const own = side * STRIDE;
  const its = (1 - side) * STRIDE;
  Atomics.store(turns, own, side === 0 && performance.now() > until ? -1 : round);
  for (let spins = 0; ; spins++) {
    const there = Atomics.load(turns, its);
    if (there < 0 || turns[own]! < 0) return false;
    if (there >= round) return true;
    if (spins > 2000) Atomics.wait(turns, its, there, 0.05); // it may want this processor
  }
}

/** Store one's own, load the other's. If neither sees the other, the stores were seen after the loads. */
function dekker(store: (words: Int32Array, at: number, value: number) => void): Seen {
  const saw = 2 * STRIDE + side * LINES;
  const others = 2 * STRIDE + (1 - side) * LINES;
  let [done, wrong] = [0, 0];
  for (let round = 1; meet(2 * round - 1); round++) {
    for (let line = 0; line < LINES; line++) {
      store(mine, line * STRIDE, round);
      turns[saw + line] = Atomics.load(other, line * STRIDE);
    }
    if (!meet(2 * round)) break;
    done += LINES;
    for (let line = 0; line < LINES; line++) if (turns[saw + line]! < round && turns[others + line]! < round) wrong++;
  }
  return { done, wrong };
}

const KINDS: Readonly<Record<Litmus, () => Seen>> = {
  dekker: () => dekker((array, at, value) => void Atomics.store(array, at, value)),
  'plain dekker': () =>
    dekker((array, at, value) => {
      array[at] = value;
    }),
  counters() {
    let done = 0;
    for (let round = 1; meet(round); round++) {
      for (let i = 0; i < 1000; i++) Atomics.add(words, 0, 3);
      for (let i = 0; i < 1000; i++) Atomics.sub(words, 0, 2);
      for (let i = 0; i < 1000; i++) Atomics.or(words, STRIDE, 1 << (side + (i & 15) * 2));
      done += 1000;
    }
    return { done, wrong: 0 };
  },
  lock() {
    let [done, wrong] = [0, 0];
    for (let round = 1; meet(round); round++) {
      for (let i = 0; i < 200; i++) {
        for (let spins = 0; Atomics.compareExchange(words, 0, 0, side + 1) !== 0; spins++) {
          if (spins > 2000) Atomics.wait(turns, TURNS - 1, 0, 0.05);
        }
        const before = words[2 * STRIDE]!;
        words[STRIDE] = side;
        words[2 * STRIDE] = before + 1;
        if (words[STRIDE] !== side || words[2 * STRIDE] !== before + 1) wrong++;
        Atomics.store(words, 0, 0);
        done++;
      }
    }
    return { done, wrong };
  },
  // Side 0 fills lines plainly and says how far it is; side 1 reads the lines as soon as it hears of them.
  message() {
    let [done, wrong] = [0, 0];
    for (let round = 1; meet(2 * round - 1); round++) {
      for (let line = 0; line < LINES; line++) {
        if (side === 0) {
          mine[line * STRIDE] = round;
          Atomics.store(words, 0, round * LINES + line);
        } else {
          for (let spins = 0; Atomics.load(words, 0) < round * LINES + line; spins++) {
            if (spins > 2000) Atomics.wait(turns, TURNS - 1, 0, 0.05);
          }
          if (other[line * STRIDE] !== round) wrong++;
          done++;
        }
      }
      if (!meet(2 * round)) break;
    }
    return { done, wrong };
  },
  // Each thread holds tokens, and swaps one with what stands in a word: none is lost, none is there twice.
  exchange() {
    let token = side + 1;
    let done = 0;
    for (let round = 1; meet(round); round++) {
      for (let i = 0; i < 1000; i++) token = Atomics.exchange(words, 0, token);
      done += 1000;
    }
    return { done, wrong: token };
  },
};

parentPort!.postMessage(KINDS[kind]());
