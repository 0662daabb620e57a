/**
 * Mark: the live bits of everything reachable from `roots`. An object has all its granules set, a humongous one, which
 * never moves, only the first. Objects in regions born in `cycle` are live by decree: neither marked nor scanned.
 */
import { RegionState } from '../../heap/index.js';
import { setBit, setRange } from './bits.js';
import type { ModelMemory } from './memory.js';
import { granulesOf, referencesOf, regionOf, slotWord } from './object.js';

export function markLive(memory: ModelMemory, roots: Iterable<number>, cycle: number): void {
  const { live, words } = memory;
  live.fill(0);
  const stack: number[] = [];
  const visit = (object: number) => {
    if (object === 0) return;
    const region = regionOf(memory, object);
    if (memory.regionBorn[region] === cycle) return;
    if (((live[object >>> 5] >>> (object & 31)) & 1) === 1) return;
    if (memory.regionState[region] === RegionState.HUMONGOUS) setBit(live, object);
    else setRange(live, object, object + granulesOf(memory, object));
    stack.push(object);
  };
  for (const root of roots) visit(root);
  while (stack.length > 0) {
    const object = stack.pop()!;
    const end = slotWord(object, referencesOf(memory, object));
    for (let word = slotWord(object, 0); word < end; word++) visit(words[word]);
  }
}
