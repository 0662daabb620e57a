/** Tables have an order of their own: that of the lines is shuffled. */
import { type OptionName, specOf } from '../options/options.js';
import { settingNames } from '../options/setting-names.js';

/** By the first of these that differs; `heapBytes` is the one field that is not called like its option. */
const fields = [
  ...['workload', 'scale', 'heapBytes', 'mutators', 'gcWorkers', 'resolution', 'delivery', 'flip', 'peer'],
  ...settingNames,
];
const settings: readonly string[] = settingNames;

/** Lines as tables show them; those of one configuration stay as they came. */
export function inTableOrder<L extends { readonly config: object }>(lines: readonly L[]): L[] {
  return [...lines].sort((a, b) => compareConfigs(a.config, b.config));
}

function compareConfigs(a: object, b: object): number {
  for (const field of fields) {
    const difference = rank(field, a) - rank(field, b);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers from the least, words as the option has them. */
function rank(field: string, config: object): number {
  const value: unknown = Reflect.get(config, field);
  if (typeof value === 'number') return value;
  // A setting that was not given is the collector's own; other people's collectors have no resolution.
  if (value === undefined) return settings.includes(field) ? -1 : Number.MAX_VALUE;
  const at = field === 'heapBytes' ? -1 : (specOf(field as OptionName).words?.indexOf(String(value)) ?? -1);
  return at < 0 ? Number.MAX_SAFE_INTEGER : at;
}
