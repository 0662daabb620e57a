/** Kinds of fields. Every one says what it is, and in which unit. */
import { z } from 'zod';

export const number = (doc: string) => z.number().nonnegative().describe(doc);
export const count = (doc: string) => z.int().nonnegative().describe(doc);
export const bytes = (doc: string) => z.int().nonnegative().describe(`${doc}, bytes`);
export const text = (doc: string) => z.string().describe(doc);
