/**
 * A table of objects of 64 B, of which half are dropped, and one collection of all: bench/workloads/fullgc.ts. A heap of
 * V8 has one thread, so nothing looks at the objects while they are collected.
 */

import { mix } from '../../random.js';
import { powerOfTwoBelow } from '../../workloads/arithmetic.js';
import type { Ending } from '../../workloads/workload.js';
import { type Check, Entry, ourBytes, type Part, type Session } from './session.js';

const fullSize = 2 ** 24;

export class FullGc implements Session {
  ending: Ending = 'may';
  readonly fullMs: number[] = [];
  private readonly mask: number;
  private readonly seed: number;
  private readonly table: (Entry | null)[] = [];

  constructor(private readonly part: Part) {
    this.mask = powerOfTwoBelow(fullSize * part.scale, 16) - 1;
    this.seed = mix(part.seed);
  }

  setUp(): void {
    const { table, mask } = this;
    for (let i = 0; i <= mask; i++) table.push(new Entry(i, i, ~i));
    for (let i = 0; i <= mask; i++) {
      const object = table[i];
      if (object === null || !this.keeps(i)) {
        table[i] = null;
        continue;
      }
      object.a = table[this.keptFrom(i + 1)];
      object.b = table[this.far(i)];
    }
    this.part.progress(1);
  }

  batch(): number {
    const { gc } = globalThis;
    if (gc === undefined) throw new Error('there is no gc(): run it with --expose-gc');
    const began = performance.now();
    gc();
    this.fullMs.push(performance.now() - began);
    this.ending = 'must';
    return 1;
  }

  check(): Check {
    const { table, mask } = this;
    let problem: string | undefined;
    let kept = 0;
    let checksum = 0;
    for (let i = 0; i <= mask && problem === undefined; i++) {
      problem = this.wrongWith(i);
      const object = table[i];
      if (problem !== undefined || object === null) continue;
      kept++;
      checksum = (mix(checksum ^ (object.a?.tag ?? 0)) + (object.b?.tag ?? 0)) | 0;
    }
    return {
      ...(problem !== undefined && { problem }),
      checked: mask + 1,
      checksum,
      bytes: ourBytes(mask + 1, 0) + kept * ourBytes(2, 48),
    };
  }

  private keeps(i: number): boolean {
    return (mix(i ^ this.seed) & 1) === 0;
  }

  private keptFrom(i: number): number {
    for (let at = i & this.mask, tried = 0; tried <= this.mask; at = (at + 1) & this.mask, tried++) {
      if (this.keeps(at)) return at;
    }
    return i & this.mask;
  }

  private far(i: number): number {
    return this.keptFrom(mix(i + this.seed) >>> 3);
  }

  private wrongWith(i: number): string | undefined {
    const object = this.table[i];
    if (!this.keeps(i)) return object === null ? undefined : `entry ${i} was dropped and is there`;
    if (object === null) return `entry ${i} is null`;
    const { tag, first, last, a, b } = object;
    if (tag !== i || first !== i || last !== ~i) return `entry ${i} holds tag ${tag} and payload ${first} … ${last}`;
    if (a !== this.table[this.keptFrom(i + 1)]) return `the near edge of entry ${i} is wrong`;
    return b === this.table[this.far(i)] ? undefined : `the random edge of entry ${i} is wrong`;
  }
}
