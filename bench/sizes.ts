/** Sizes (`64MiB`) and durations (`20s`) as people write and read them. */
import { usage } from './errors.js';

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;
export const TiB = 1024 * GiB;

/** Largest first: formatting takes the first that divides. */
const sizeUnits = [
  ['TiB', TiB],
  ['GiB', GiB],
  ['MiB', MiB],
  ['KiB', KiB],
  ['B', 1],
] as const;

/** Written units that are understood well enough to say what to write instead. */
const decimalUnit = /^([kmgt])(?:b|i|ib)?$/i;

/**
 * Bytes of a size such as `64MiB`, `4GiB`, `0.5GiB` or `4096B`.
 * @throws Complaint for anything else; `64GB` and `64M` are answered with the binary unit to write.
 */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  if (!match) throw usage(`'${text}' is not a size`, 'write it like 64MiB or 4GiB');
  const [, digits, unit] = match;
  const known = sizeUnits.find(([name]) => name === unit);
  if (!known) {
    if (unit === '') throw usage(`size '${text}' has no unit`, `write ${digits}MiB or ${digits}GiB`);
    const letter = decimalUnit.exec(unit)?.[1].toUpperCase();
    const better = letter ? `${digits}${letter}iB` : undefined;
    throw usage(
      `size '${text}' has the unit '${unit}'`,
      better ? `sizes are powers of two: write ${better}` : 'the units are B, KiB, MiB, GiB and TiB',
    );
  }
  const bytes = Number(digits) * known[1];
  if (bytes <= 0) throw usage(`size '${text}' is zero`, 'write a size such as 64MiB');
  if (!Number.isSafeInteger(bytes)) throw usage(`size '${text}' is not a whole number of bytes a computer can have`);
  return bytes;
}

/** A size exactly, in the largest unit that divides it: `1088MiB`, `4GiB`, `1500B`. `parseSize` reads it back. */
export function formatSize(bytes: number): string {
  const [name, unit] = sizeUnits.find(([, size]) => bytes !== 0 && bytes % size === 0) ?? sizeUnits[4];
  return `${bytes / unit}${name}`;
}

/** A size to read, not to parse: three significant digits, `62.3 MiB`. */
export function approximateSize(bytes: number): string {
  const [name, unit] = sizeUnits.find(([, size]) => Math.abs(bytes) >= size) ?? sizeUnits[4];
  return `${significant(bytes / unit)} ${name}`;
}

const durationUnits = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;

/**
 * Milliseconds of a duration such as `20s`, `500ms`, `2min`, or of a bare number of seconds.
 * @throws Complaint for anything else, and for zero.
 */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(us|ms|s|min|h)?$/.exec(text.trim());
  if (!match) throw usage(`'${text}' is not a duration`, 'write seconds, or like 500ms, 20s or 2min');
  const ms = Number(match[1]) * durationUnits[(match[2] ?? 's') as keyof typeof durationUnits];
  if (!(ms > 0) || !Number.isFinite(ms)) throw usage(`duration '${text}' is zero or endless`, 'write one such as 20s');
  return ms;
}

/** Milliseconds to read: `0.21 µs`, `850 µs`, `12.3 ms`, `9.1 s`, `3 min 20 s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 1) return `${significant(ms * 1000)} µs`;
  if (ms < 1000) return `${significant(ms)} ms`;
  if (ms < 60_000) return `${significant(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest ? ` ${rest} s` : ''}`;
}

/** A count to read, its thousands apart: `1,234,567`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** About three significant digits, without an exponent: `0.0213`, `4.56`, `78.9`, `1,235`. */
export function significant(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return formatCount(value);
  if (size >= 9.995) return trimmed(value.toFixed(1));
  if (size >= 0.9995) return trimmed(value.toFixed(2));
  if (size === 0) return '0';
  return trimmed(value.toFixed(Math.min(6, 2 - Math.floor(Math.log10(size)))));
}

function trimmed(digits: string): string {
  return digits.replace(/\.?0+$/, '') || '0';
}
