/** What an option is, and the kinds of options there are: words to choose from, counts, shares. */
import { z } from 'zod';

/** One option. `schema` is the validator of one value; `read` turns what was typed into what it validates. */
export interface OptionSpec<S extends z.ZodType = z.ZodType, L extends boolean = boolean> {
  readonly flag: string;
  /** What stands for the value in the help; absent for a switch. */
  readonly placeholder?: string;
  readonly doc: string;
  readonly schema: S;
  readonly read: (text: string) => unknown;
  /** Whether `a,b` is swept; a value is then an array. */
  readonly list: L;
  /** Legal words, for suggestions. */
  readonly words?: readonly string[];
  /** What `all` stands for, where that is not every one of the words. */
  readonly all?: readonly string[];
  /** Undefined: it follows from other options, as `defaultDoc` says. */
  readonly fallback?: L extends true ? z.infer<S>[] : z.infer<S>;
  readonly quickFallback?: z.infer<S>;
  readonly defaultDoc: string;
}

export function option<S extends z.ZodType, L extends boolean>(spec: OptionSpec<S, L>): OptionSpec<S, L> {
  return spec;
}

interface Choice<N extends string> {
  readonly doc: string;
  readonly words: readonly [N, ...N[]];
  readonly fallback?: N[];
  /** Where there is no one fallback. */
  readonly defaultDoc?: string;
  readonly all?: readonly N[];
}

export function choice<N extends string>(flag: string, { doc, words, fallback, defaultDoc, all }: Choice<N>) {
  const schema = z.enum(words).describe(doc);
  return option<typeof schema, true>({
    ...{ flag, placeholder: 'names', doc, schema, read: asTyped, list: true, words },
    ...(all && { all }),
    ...(fallback && { fallback: fallback as z.infer<typeof schema>[] }),
    defaultDoc: defaultDoc ?? fallback?.join(',') ?? "the collector's own",
  });
}

/** A number that the collector chooses itself unless it is told. */
export function counted<S extends z.ZodType>(flag: string, doc: string, schema: S, defaultDoc: string) {
  return option<S, true>({ flag, placeholder: 'counts', doc, schema, read: asNumber, list: true, defaultDoc });
}

export const asTyped = (text: string): string => text;
export const asNumber = (text: string): number =>
  /^-?\d+(\.\d+)?(e\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;

/** A share of one, also as a fraction: `0.125` or `1/8`. */
export function asShare(text: string): number {
  const fraction = /^(\d+)\/(\d+)$/.exec(text.trim());
  return fraction ? Number(fraction[1]) / Number(fraction[2]) : asNumber(text);
}

export const whole = (least: number, most: number) =>
  z
    .int(`must be a whole number from ${least} to ${most}`)
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`);
