/** Names that the code and the models have in common, read from the models' text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS } from './spin.js';

/** The states of `mtype:state` in the order in which they are written. */
export function modelStates(file: string): string[] {
  const list = /^mtype:state = \{ ([A-Z, ]+) \};$/m.exec(readFileSync(join(MODELS, file), 'utf8'));
  if (list === null) throw new Error(`${file} names no states`);
  return list[1]!.split(', ');
}

/** The inlines of a file: its steps. */
export function modelSteps(file: string): string[] {
  return [...readFileSync(join(MODELS, file), 'utf8').matchAll(/^inline (\w+)\(/gm)].map(([, name]) => name!);
}

/** States in native/src/pages/page_word.h, by name, as heap/page-state.ts spells them. */
export function nativeStates(): Record<string, number> {
  const header = readFileSync(join(MODELS, '../../../native/src/pages/page_word.h'), 'utf8');
  const list = /enum State : uint32_t \{ (.*) \};/.exec(header);
  if (list === null) throw new Error('page_word.h names no states');
  const entries = list[1]!.split(', ').map((entry) => /^k(\w+) = (\d)$/.exec(entry)!);
  return Object.fromEntries(entries.map(([, name, value]) => [name!.toUpperCase(), Number(value)]));
}
