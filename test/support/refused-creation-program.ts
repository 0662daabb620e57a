/**
 * A process, in the test build of the addon, that makes heaps of the way in its arguments while one system call after the
 * other is refused, the first, the second and so on until none is left. Says what it holds afterwards.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createHeap } from '../../gc/index.js';
import { type Delivery, defaultShape } from '../../heap/index.js';
import { holdings } from '../soak/leaks.js';
import { arm, type CallName, disarm } from './inject.js';

const MIB = 2 ** 20;
const CALLS: readonly CallName[] = ['mmap', 'madvise', 'register', 'mprotect'];

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const [resolution = '', delivery = '', flip = ''] = process.argv.slice(2);
const choices = delivery === 'none' ? {} : { delivery: delivery as Delivery, trace: 'timeline' as const };
const make = () => createHeap(defaultShape(16 * MIB, 1), resolution, flip, choices);

async function collected(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    gc();
    await new Promise((soon) => setTimeout(soon, 10));
  }
}

make().close(); // what the first heap of a process leaves is not a leak
await collected();
const before = holdings();
let refused = 0;
for (const call of CALLS) {
  for (let at = 1; ; at++) {
    arm([{ call, error: 'ENOMEM', at }]);
    try {
      make().close();
      break;
    } catch {
      refused++;
    } finally {
      disarm();
    }
  }
}
await collected();
console.log(JSON.stringify({ refused, before, after: holdings() }));
