/** What a file is, by its first bytes: what we read, what has to be unpacked, and what it is where we cannot. */
import type { GraphErrorCode } from './error.js';
import { magic as graphMagic } from './format.js';

/** What we read. */
export type Content = 'hprof' | 'v8-snapshot' | 'graph';
export type Packing = 'gzip' | 'zstd';

export type Recognized =
  | { readonly kind: 'content'; readonly content: Content }
  | { readonly kind: 'packed'; readonly packing: Packing }
  | { readonly kind: 'refused'; readonly code: GraphErrorCode; readonly what: string; readonly hint: string };

/** As many bytes as `recognize` wants to see, or the whole file. */
export const signatureBytes = 4096;

/** The command that unpacks a file to its standard output, to be piped to us. */
export function unpackBy(command: string): string {
  return `unpack it on the way: ${command} FILE | continuum graph import - -o OUT.heapgraph`;
}

const otherDump = 'give a dump by jcmd PID GC.heap_dump FILE, by Android, or by v8.writeHeapSnapshot()';
const cutShort = 'it was cut short: make or copy it again';
const hprofBegin = 'JAVA PROFILE 1.0.';
const coreHint = 'of a HotSpot JVM: jhsdb jmap --binaryheap --exe JAVA --core FILE; of OpenJ9: export it as HPROF';
const phdHint = 'export it as HPROF with Eclipse Memory Analyzer, or dump from a HotSpot JVM';

const packed: readonly (readonly [begin: Uint8Array, packing: Packing])[] = [
  [Uint8Array.of(0x1f, 0x8b), 'gzip'],
  [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), 'zstd'],
];

/** What is named, with what to do about it. */
const foreign: readonly (readonly [begin: Uint8Array | string, what: string, hint: string])[] = [
  ['BZh', 'a file compressed by bzip2', unpackBy('bzip2 -dc')],
  [Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00), 'a file compressed by xz', unpackBy('xz -dc')],
  [Uint8Array.of(0x50, 0x4b, 0x03, 0x04), 'a zip archive', unpackBy('unzip -p')],
  [Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c), 'a 7-Zip archive', unpackBy('7z e -so')],
  [Uint8Array.of(0x04, 0x22, 0x4d, 0x18), 'a file compressed by lz4', unpackBy('lz4 -dc')],
  [Uint8Array.of(0x1f, 0x9d), 'a file compressed by compress', unpackBy('gzip -dc')],
  ['\0\x12portable heap dump', 'a portable heap dump (PHD) of OpenJ9', phdHint],
  ['// Version: ', 'a heap dump of OpenJ9 as text', phdHint],
  ['0SECTION ', 'a javacore of OpenJ9, which holds no heap', 'dump the heap itself, from a HotSpot JVM'],
  ['MDMP', 'a minidump of Windows', coreHint],
  ['{"head":', "V8's sampled allocations, not a heap", 'take a heap snapshot: v8.writeHeapSnapshot()'],
  ['{"nodes":', "V8's CPU profile, not a heap", 'take a heap snapshot: v8.writeHeapSnapshot()'],
];

/** Says what a file is that begins with `head`: its first `signatureBytes`, or all of it. */
export function recognize(head: Uint8Array): Recognized {
  if (head.length === 0) return refuse('FOREIGN', 'an empty file', otherDump);
  if (begins(head, graphMagic)) return { kind: 'content', content: 'graph' };
  for (const [begin, packing] of packed) if (begins(head, begin)) return { kind: 'packed', packing };
  const text = new TextDecoder('latin1').decode(head);
  if (text.startsWith(hprofBegin)) return hprof(text);
  if (/^(\u00ef\u00bb\u00bf)?\s*\{\s*"snapshot"\s*:/.test(text)) return { kind: 'content', content: 'v8-snapshot' };
  if (hprofBegin.startsWith(text)) return refuse('TRUNCATED', 'the file ends in its header', cutShort);
  for (const [begin, what, hint] of foreign) if (begins(head, begin)) return refuse('UNSUPPORTED', what, hint);
  if (text.startsWith('\x7fELF')) {
    // e_type, in either byte order: 4 is a core.
    if (head[16] + head[17] === 4) return refuse('UNSUPPORTED', 'a core of a process', coreHint);
    return refuse('FOREIGN', 'a program, not a heap dump', otherDump);
  }
  if (text.startsWith('ustar', 257)) return refuse('UNSUPPORTED', 'a tar archive', unpackBy('tar -xOf'));
  if (isPerfetto(head)) {
    const hint = 'dump the heap as HPROF: adb shell am dumpheap PROCESS /data/local/tmp/dump.hprof';
    return refuse('UNSUPPORTED', 'a trace of Perfetto, whose java_hprof is not HPROF', hint);
  }
  return refuse('FOREIGN', 'neither an HPROF heap dump nor a V8 heap snapshot', otherDump);
}

function refuse(code: GraphErrorCode, what: string, hint: string): Recognized {
  return { kind: 'refused', code, what, hint };
}

function begins(head: Uint8Array, begin: Uint8Array | string): boolean {
  if (head.length < begin.length) return false;
  for (let i = 0; i < begin.length; i++) {
    if (head[i] !== (typeof begin === 'string' ? begin.charCodeAt(i) : begin[i])) return false;
  }
  return true;
}

/** Binary dumps end the version with a zero; those of `format=a` go on in words. The reader checks the rest. */
function hprof(text: string): Recognized {
  const next = text[hprofBegin.length + 1];
  if (next === undefined) return refuse('TRUNCATED', 'the file ends in its header', cutShort);
  if (next === '\0') return { kind: 'content', content: 'hprof' };
  return refuse('UNSUPPORTED', 'an ASCII dump', 'make it with format=b instead of format=a');
}

/** A trace is packets, each field 1 of the whole, and a packet begins with a field of its own. */
function isPerfetto(head: Uint8Array): boolean {
  let at = 0;
  for (let packets = 0; packets < 3; packets++) {
    if (at === head.length) return packets > 0;
    if (head[at] !== 0x0a) return false;
    let length = 0;
    let shift = 0;
    do {
      at++;
      if (at >= head.length || shift > 28) return false;
      length += (head[at] & 0x7f) * 2 ** shift;
      shift += 7;
    } while (head[at] >= 0x80);
    const inner = head[++at];
    if (length < 2 || inner === undefined || inner >> 3 === 0 || ![0, 1, 2, 5].includes(inner & 7)) return false;
    at += length;
    if (at > head.length) return packets > 0 || head.length === signatureBytes;
  }
  return true;
}
