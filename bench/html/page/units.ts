/** Values as they are written on axes, in legends and in tables: the same in the page and beside it. */
import { approximateSize, formatDuration, formatSize, significant } from '../../sizes.js';
import type { Unit } from './chart-spec.js';

/** A value with its unit. `nines` is −log10(1 − share), so that 99.9% stands as far from 99% as that from 90%. */
export function written(unit: Unit, value: number): string {
  switch (unit) {
    case 'µs':
      return formatDuration(value / 1000);
    case 'ms':
      return formatDuration(value);
    case 'bytes':
      return approximateSize(value);
    case 'heap':
      return formatSize(value);
    case 'share':
      return `${significant(100 * value)}%`;
    case 'nines':
      return `${percentileText(value)}%`;
    case 'count':
      return value >= 99_950 ? `${significant(value / 1000)}k` : significant(value);
  }
}

/** 99.9 for three nines: as many digits as it takes, no more. */
function percentileText(nines: number): string {
  const share = 100 * (1 - 10 ** -nines);
  return String(Number(share.toFixed(Math.max(1, Math.ceil(nines) - 1))));
}

/** A share of one as `nines`. */
export function ninesOf(share: number): number {
  return -Math.log10(1 - share);
}
