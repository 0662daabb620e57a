/** A configuration in words, and the text that tells it from others. */
import { type InvocationConfig, isPeerConfig, type PeerConfig, type SweepConfig } from '../schema/index.js';
import { formatCount, formatSize } from '../sizes.js';
import { departures } from './settings.js';

/** What says how faults are resolved. */
type Way = Pick<InvocationConfig, 'resolution' | 'delivery' | 'flip'>;

/** `1/8` where it is one, else the number. */
export function shareText(scale: number): string {
  const inverse = Math.round(1 / scale);
  return scale < 1 && Math.abs(1 / inverse - scale) < 1e-12 ? `1/${inverse}` : String(scale);
}

/** `136MiB`, or `1.3x (136MiB)` where it was asked for as a multiple. */
export function heapText({ heapBytes, heapTimes }: Pick<InvocationConfig, 'heapBytes' | 'heapTimes'>): string {
  return heapTimes === undefined ? formatSize(heapBytes) : `${heapTimes}x (${formatSize(heapBytes)})`;
}

/** A configuration in a few words, for progress and complaints: `javac continue·bank 128MiB`. */
export function describeConfig(config: SweepConfig): string {
  const scale = config.scale === 1 ? '' : ` ×${shareText(config.scale)}`;
  const threads = config.mutators === 1 && config.gcWorkers === 1 ? '' : ` ${config.mutators}m+${config.gcWorkers}w`;
  const settings = isPeerConfig(config) ? [] : [rateText(config), ...departures(config)].filter((text) => text !== '');
  const besides = settings.length ? ` ${settings.join(', ')}` : '';
  return `${config.workload}${scale} ${wayText(config)} ${heapText(config)}${threads}${besides}`;
}

/** What is offered, where there is a rate. */
export function rateText({ rate }: InvocationConfig): string {
  return rate === undefined ? '' : `${formatCount(rate)} op/s offered`;
}

/**
 * How a configuration resolves faults, takes them, and flips: `continue·signal·bank`. A handler goes without saying. A
 * peer has its name.
 */
export function wayText(config: Way | PeerConfig): string {
  if ('peer' in config) return peerLabel(config);
  const { resolution, delivery, flip } = config;
  const said = [delivery === 'handler' ? 'none' : delivery, flip].filter((part) => part !== 'none');
  return [resolution, ...said].join('·');
}

/** The same text for the same configuration, whatever the order of its fields. */
export function configKey(config: SweepConfig): string {
  return JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The version that tells runtimes apart: `17` of OpenJDK 17.0.15, `11.3` of V8. */
function shortVersion(runtime: string): string {
  const v8 = /V8 (\d+\.\d+)/.exec(runtime)?.[1];
  return v8 ?? /\d+/.exec(runtime)?.[0] ?? runtime;
}

/** `g1·17`, `shenandoah·25·generational`, `v8·11.3`. */
export function peerLabel({ peer, runtime, mode }: Pick<PeerConfig, 'peer' | 'runtime' | 'mode'>): string {
  return [peer, shortVersion(runtime), mode].filter((part) => part !== undefined).join('·');
}
