/** Which configurations do the same work, whoever collects for them. */

import { ownSettingNames, settingNames } from '../options/setting-names.js';
import type { SweepConfig } from '../schema/index.js';

/** What says who collects, and in how much memory. All else says what the work is. */
const notWork = new Set<string>([
  ...['resolution', 'delivery', 'flip', 'gcWorkers', 'heapBytes', 'heapTimes', 'trace'],
  ...['peer', 'runtime', 'mode'],
  ...settingNames.filter((name) => !(ownSettingNames as readonly string[]).includes(name)),
]);

/** The same text for the same work, in whatever heap. */
export function workKey(config: SweepConfig): string {
  const work = Object.entries(config).filter(([name, value]) => !notWork.has(name) && value !== undefined);
  return JSON.stringify(work.sort(([a], [b]) => (a < b ? -1 : 1)));
}
