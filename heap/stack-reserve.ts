/**
 * Room on JavaScript's stack, asked for before a thread changes its standing: any call may throw a RangeError where the
 * stack ends, those of what is built in among them, and a function's first call long before, because it is compiled then.
 * A program may catch that and go on, so it must be thrown before the first change.
 */

/** Calls that take 1 KiB together where they are compiled, and more where they are not: for what is built in. */
export const BUILT_IN = 8;
/** 8 KiB: for what an allocation calls that finds its chunk full. Half a microsecond. */
export const ALLOCATION = 64;
/** 64 KiB, 3 µs: for functions that may have to be compiled. */
export const ANYTHING = 512;

/** Eight arguments that change places, so that a frame stays a frame whatever the compiler makes of it. */
function dive(n: number, a: number, b: number, c: number, d: number, e: number, f: number, g: number): number {
  return n === 0 ? a : dive(n - 1, b, c, d, e, f, g, a) + 1;
}

/** Throws RangeError where the stack is nearly at its end. A few ns a call. */
export function reserveStack(calls: number): void {
  dive(calls, 1, 2, 3, 4, 5, 6, 7);
}
