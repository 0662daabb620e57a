/**
 * What else of workload and collector a configuration can set. A setting that was not given is absent, and means the collector's
 * own; one that says what holds anyway is not shown either.
 */
import { basename } from 'node:path';
import type { CollectorOptions, HeapChoices } from '../../gc/index.js';
import { type ResolutionTraits, resolutions } from '../options/choices.js';
import { type SettingName, settingNames } from '../options/setting-names.js';
import type { InvocationConfig } from '../schema/index.js';
import { MiB } from '../sizes.js';

export type Settings = Pick<InvocationConfig, SettingName>;

interface Setting {
  /** The value that means nothing but the default; absent where each resolution has its own. */
  readonly plain?: string;
  readonly text: (value: string) => string;
  /** What is said where nothing was set and there is nothing plain. */
  readonly unset?: string;
}

const settings: Readonly<Record<SettingName, Setting>> = {
  graph: { text: (file) => `graph ${basename(file)}`, unset: "javac's graph" },
  references: {
    text: (count) => `${count} reference${count === '1' ? '' : 's'} a page`,
    unset: 'its own references',
  },
  batch: { text: (pages) => `batches of ${pages}`, unset: 'its own batches' },
  publish: { plain: 'eager', text: (policy) => `publish ${policy}` },
  walk: { plain: 'address', text: (policy) => `walk ${policy}` },
  evacuate: { plain: 'sparse', text: (policy) => `evacuate ${policy}` },
  ahead: { plain: 'auto', text: (choice) => `ahead ${choice}` },
  residentFree: { plain: 'all', text: (regions) => `${regions} free resident` },
  faultServers: { plain: '1', text: (count) => `${count} fault server${count === '1' ? '' : 's'}` },
  userfaultfds: { plain: '1', text: (count) => `${count} userfaultfd${count === '1' ? '' : 's'}` },
  barrier: { plain: 'software', text: (kind) => `barrier ${kind}` },
  pages: { plain: '4K', text: (size) => `pages ${size}` },
  poison: { plain: 'false', text: (on) => (on === 'true' ? 'poison' : 'no poison') },
};

/** Each setting where it departs from what holds anyway, in its place; empty elsewhere. */
export function departures(config: Settings): string[] {
  return settingNames.map((name) => {
    const value = config[name];
    return value === undefined || String(value) === settings[name].plain ? '' : settings[name].text(String(value));
  });
}

/** Each setting in words, whatever it is: to tell configurations apart that differ in it. */
export function settingTexts(config: Settings): string[] {
  return settingNames.map((name) => {
    const value = config[name] ?? settings[name].plain;
    return value === undefined ? (settings[name].unset ?? '') : settings[name].text(String(value));
  });
}

const pageBytes = { '4K': 4096, '2M': 2 * MiB } as const;

/** Bytes of a page; undefined for the heap's own choice. */
export function pageBytesOf({ pages }: Settings): number | undefined {
  return pages && pageBytes[pages];
}

/** What the heap is made for. A heap that no userfaultfd watches has no use for most of it. */
export function heapChoices(config: InvocationConfig): HeapChoices {
  const { delivery, userfaultfds, barrier, poison } = config;
  return {
    ...(delivery !== 'none' && { delivery }),
    ...(userfaultfds !== undefined && { userfaultfds }),
    ...(barrier !== undefined && { barrier }),
    ...(poison !== undefined && { poison }),
  };
}

/** What the collector is told. Policies about faults are for those who have any. */
export function collectorOptions(config: InvocationConfig): CollectorOptions {
  const { resolution, flip, delivery, gcWorkers, batch, publish, walk, evacuate, ahead, residentFree, faultServers } =
    config;
  const traits: ResolutionTraits = resolutions[resolution];
  return {
    ...{ resolution, flip, delivery, workers: gcWorkers },
    ...(batch !== undefined && { batch }),
    ...(evacuate !== undefined && { evacuate }),
    ...(residentFree !== undefined && { residentFree: residentFree === 'all' ? config.heapBytes / MiB : residentFree }),
    ...(traits.faults && publish !== undefined && { publish }),
    ...(traits.faults && walk !== undefined && { walk }),
    ...(traits.faults && ahead !== undefined && { ahead }),
    ...(delivery === 'handler' && faultServers !== undefined && { faultServers }),
  };
}
