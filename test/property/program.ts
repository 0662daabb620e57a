/**
 * A random program over the mutators' API, as plain data: made by fast-check, kept as JSON, played by players.ts.
 *
 * Every list of operations is a legal program. A slot that is not there is taken for one that is, an operation on null
 * does nothing, and so any part of a program is a program as well, which is what shrinking needs.
 */
import { z } from 'zod';

/** Root slots that every player has, and those that hold what it has pinned. */
export const REGISTERS = 8;
export const PINS = 2;
/** Operands from REGISTERS up mean slots of the innermost frame. */
export const OPERANDS = 12;
export const GLOBALS = 4;
export const PLAYERS = 3;

const upTo = (most: number) => z.int().min(0).max(most);
const slot = upTo(OPERANDS - 1);
const field = upTo(2 ** 20);
const granules = z
  .int()
  .min(1)
  .max(2 ** 24);

/** What one player does. */
const STEPS = [
  /** A new object: `links` references, as many as fit, and payload for the rest. */
  z.strictObject({ do: z.literal('new'), slot, granules, links: upTo(2 ** 20) }),
  /** A list of `count` objects in front of what the slot holds, of which every `keep`th is kept. */
  z.strictObject({ do: z.literal('list'), slot, count: upTo(4096), granules, keep: z.int().min(1).max(4096) }),
  /** An array with an object in each of its `count` slots. */
  z.strictObject({ do: z.literal('fan'), slot, count: upTo(4096), granules }),
  z.strictObject({ do: z.literal('load'), from: slot, field, to: slot }),
  z.strictObject({ do: z.literal('store'), into: slot, field, value: slot }),
  z.strictObject({ do: z.literal('cut'), into: slot, field }),
  z.strictObject({ do: z.literal('copy'), from: slot, to: slot }),
  z.strictObject({ do: z.literal('drop'), slot }),
  z.strictObject({ do: z.literal('publish'), slot, global: upTo(GLOBALS - 1) }),
  z.strictObject({ do: z.literal('fetch'), slot, global: upTo(GLOBALS - 1) }),
  z.strictObject({ do: z.literal('write'), slot, index: field, value: z.int32() }),
  z.strictObject({ do: z.literal('retag'), slot, value: z.int32() }),
  /** Follows references from object to object, and compares all that it sees. */
  z.strictObject({ do: z.literal('walk'), slot, field, steps: upTo(4096) }),
  z.strictObject({ do: z.literal('enter'), slots: z.int().min(1).max(1000) }),
  z.strictObject({ do: z.literal('leave') }),
  z.strictObject({ do: z.literal('pin'), slot, pin: upTo(PINS - 1) }),
  z.strictObject({ do: z.literal('unpin'), pin: upTo(PINS - 1) }),
  z.strictObject({ do: z.literal('safepoint') }),
  z.strictObject({ do: z.literal('park'), ms: upTo(10) }),
  /** Asks for a collection, and goes on. */
  z.strictObject({ do: z.literal('ask') }),
  /** Asks for one and waits for its end. */
  z.strictObject({ do: z.literal('collect') }),
  /** Goes on when a collection, asked for if none runs, has come so far, and walks from every register. */
  z.strictObject({ do: z.literal('reach'), stage: z.enum(['mark', 'ahead', 'compact']) }),
  /**
   * While a marking runs that has seen this player's roots: takes the last reference of a way into the object to a root
   * slot, and cuts it where it stood. Only the write barrier knows of it then.
   */
  z.strictObject({ do: z.literal('hide'), slot, field, steps: upTo(4096), to: slot }),
  z.strictObject({ do: z.literal('readable'), slot }),
  z.strictObject({ do: z.literal('rejoin') }),
  /** Everybody stands still, and the whole graph is compared. Nothing where players run together. */
  z.strictObject({ do: z.literal('look') }),
] as const;

export const stepSchema = z.discriminatedUnion('do', STEPS);
export const programSchema = z.strictObject({
  players: z.int().min(1).max(PLAYERS),
  /** Players take turns, one operation after the other, and share globals; or each runs by itself, on its own. */
  turns: z.boolean(),
  operations: z.array(z.tuple([upTo(PLAYERS - 1), stepSchema])),
});
export const keptSchema = z.strictObject({
  /** What it once showed. */
  about: z.string().min(1),
  way: z.string().min(1),
  setting: z.string().min(1),
  program: programSchema,
});

export type Step = z.infer<typeof stepSchema>;
export type Program = z.infer<typeof programSchema>;
export type Kept = z.infer<typeof keptSchema>;

/** Whose turn it is to look at the heap as a whole. */
export const MAIN = -1;

/** Who does operation `at`: the number of a player, or MAIN. */
export function actorOf({ operations, players }: Program, at: number): number {
  const [by, step] = operations[at];
  return step.do === 'look' ? MAIN : by % players;
}
