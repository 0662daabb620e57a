/** Why two runs have no configuration in common: in what the two most alike differ. */
import type { InvocationConfig, ResultLine } from '../schema.js';

/** `seconds 5 against 8`; several with a comma between them. Both runs have lines. */
export function whyNothingPairs(a: readonly ResultLine[], b: readonly ResultLine[]): string {
  let least: string[] | undefined;
  for (const one of distinct(a)) {
    for (const other of distinct(b)) {
      const found = differing(one, other);
      if (!least || found.length < least.length) least = found;
    }
  }
  return `the two most alike differ in ${least?.join(', ')}`;
}

function distinct(lines: readonly ResultLine[]): InvocationConfig[] {
  const configs = new Map(lines.map(({ config }) => [JSON.stringify(config), config]));
  return [...configs.values()];
}

function differing(a: InvocationConfig, b: InvocationConfig): string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])] as (keyof InvocationConfig)[];
  return names
    .filter((name) => name !== 'heapTimes' && a[name] !== b[name])
    .map((name) => `${name} (${a[name] ?? 'not given'} against ${b[name] ?? 'not given'})`);
}
