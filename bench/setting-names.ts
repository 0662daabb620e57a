/** In the order in which they are swept and shown. */
export const settingNames = [
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
