import type { ByteSource } from './byte-source.js';
import { damaged } from './error.js';

/** What stands at the beginning of a dump. */
export interface HprofHeader {
  /** `JAVA PROFILE 1.0.2`, for example. */
  readonly version: string;
  /** Whether it is Android's version. */
  readonly android: boolean;
  /** Bytes of an id. */
  readonly idBytes: 4 | 8;
}

const versions: ReadonlyMap<string, { readonly android: boolean }> = new Map([
  ['JAVA PROFILE 1.0.1', { android: false }],
  ['JAVA PROFILE 1.0.2', { android: false }],
  ['JAVA PROFILE 1.0.3', { android: true }],
]);
const versionLength = 'JAVA PROFILE 1.0.1'.length;

/** Reads the header of a file that begins like a binary dump. */
export function readHeader(source: ByteSource): HprofHeader {
  const version = String.fromCharCode(...source.bytes(versionLength));
  const traits = versions.get(version);
  if (traits === undefined || source.u1() !== 0) {
    const known = [...versions.keys()].join(', ');
    throw source.error('UNSUPPORTED', `no version of HPROF that we read (${known})`, 'dump the heap with a JVM', 0);
  }
  const idOffset = source.offset;
  const idBytes = source.u4();
  if (idBytes !== 4 && idBytes !== 8) {
    throw source.error('CORRUPT', `ids of ${idBytes} bytes instead of 4 or 8`, damaged, idOffset);
  }
  source.skip(8);
  return { version, android: traits.android, idBytes };
}
