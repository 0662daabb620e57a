/** Settings of one workload or another. */
export const ownSettingNames = ['graph', 'references'] as const;

/** In the order in which they are swept and shown: the workloads', then the collector's. */
export const settingNames = [
  ...ownSettingNames,
  'batch',
  'publish',
  'walk',
  'evacuate',
  'ahead',
  'residentFree',
  'faultServers',
  'userfaultfds',
  'barrier',
  'pages',
  'poison',
] as const;

export type SettingName = (typeof settingNames)[number];
export type OwnSettingName = (typeof ownSettingNames)[number];
