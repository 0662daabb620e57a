/** The smallest whole number that passes, where whatever is larger passes too. */

/** A number that is too small, and one to begin with. */
export interface Bracket {
  readonly tooSmall: number;
  readonly guess: number;
  /** Nothing above it is tried. */
  readonly most: number;
}

/** How the guess grows as long as it is too small. */
const growth = 1.5;

/**
 * Bisects from the guess down, or from a larger one that passes. `passes` also hears how many tries are left, about.
 * Undefined when not even `most` passes.
 */
export async function smallestPassing(
  { tooSmall, guess, most }: Bracket,
  passes: (value: number, triesLeft: number) => Promise<boolean>,
): Promise<number | undefined> {
  const halvings = (below: number, above: number) => Math.max(0, Math.ceil(Math.log2(above - below)));
  let below = tooSmall;
  let above = Math.min(guess, most);
  while (!(await passes(above, halvings(below, above)))) {
    if (above >= most) return undefined;
    below = above;
    above = Math.min(most, Math.ceil(above * growth));
  }
  while (above - below > 1) {
    const middle = below + Math.floor((above - below) / 2);
    if (await passes(middle, halvings(below, above) - 1)) above = middle;
    else below = middle;
  }
  return above;
}
