/** Why two runs have no configuration in common: in what the two most alike differ. */
import type { ResultLine, SweepConfig } from '../schema/index.js';

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

function distinct(lines: readonly ResultLine[]): SweepConfig[] {
  const configs = new Map(lines.map(({ config }) => [JSON.stringify(config), config]));
  return [...configs.values()];
}

function differing(a: SweepConfig, b: SweepConfig): string[] {
  const [ofA, ofB] = [a, b].map((config) => new Map<string, unknown>(Object.entries(config)));
  const names = new Set([...ofA.keys(), ...ofB.keys()]);
  return [...names]
    .filter((name) => name !== 'heapTimes' && ofA.get(name) !== ofB.get(name))
    .map((name) => `${name} (${ofA.get(name) ?? 'not given'} against ${ofB.get(name) ?? 'not given'})`);
}
