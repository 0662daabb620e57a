/** Settings under which a program must find the same graph: each makes another part of a cycle long, small or odd. */
import type { CollectorOptions, HeapChoices } from '../../gc/index.js';
import type { Way } from '../support/ways.js';

export interface Setting {
  readonly name: string;
  readonly collector?: Partial<CollectorOptions>;
  readonly heap?: HeapChoices;
}

/** Those that go with a way. */
export function settingsOf({ resolution, delivery, flip }: Way): readonly Setting[] {
  const faults = resolution !== 'stw';
  const watched = faults && resolution !== 'protect';
  const several = watched && delivery === 'handler' && flip === 'bank' ? 2 : 1;
  return [
    { name: 'plain' },
    {
      name: 'slow',
      collector: {
        ...(faults && { publish: 'lazy', walk: 'faults' }),
        sabotage: {
          lingerMs: 2,
          delay: { phases: ['mark', 'plan', 'ahead', 'compact', 'serve'], chance: 0.002, ms: 1 },
        },
      },
    },
    {
      name: 'marking',
      collector: { sabotage: { delay: { phases: ['mark'], chance: 0.3, ms: 2 } } },
    },
    {
      name: 'narrow',
      collector: {
        ...{ batch: 1, greyChunks: 4, evacuate: 'full', maxLiveShare: 0.95, residentFree: 2, ahead: 'never' },
        sabotage: { delay: { phases: ['compact'], chance: 0.003, ms: 1 } },
      },
    },
    {
      name: 'odd',
      collector: { workers: 2, batch: 7, ...(delivery === 'handler' && { faultServers: several }) },
      heap: {
        ...(watched && { barrier: 'kernel', poison: true }),
        ...(several > 1 && { userfaultfds: several }),
      },
    },
  ];
}

export function settingOf(way: Way, name: string): Setting {
  const found = settingsOf(way).find((setting) => setting.name === name);
  if (found === undefined) throw new RangeError(`no setting ${name}`);
  return found;
}
