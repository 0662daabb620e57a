/** What the kernel says of this process's mappings, one by one. */
import { readFileSync } from 'node:fs';

export interface VmArea {
  readonly from: number;
  readonly to: number;
  /** As in maps: `rw-s`. */
  readonly permissions: string;
  /** The name of the file; empty for anonymous memory. */
  readonly file: string;
  /** Two letters each, see proc(5): `dc` is not copied by a fork, `dd` is not in a core. */
  readonly flags: ReadonlySet<string>;
}

export function vmAreas(): VmArea[] {
  const areas: VmArea[] = [];
  let head: RegExpExecArray | null = null;
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    head = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ?? head;
    if (head === null || !line.startsWith('VmFlags:')) continue;
    const [, from = '', to = '', permissions = '', file = ''] = head;
    const flags = new Set(line.slice('VmFlags:'.length).trim().split(' '));
    areas.push({ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16), permissions, file, flags });
  }
  return areas;
}

/** Those inside [address, address + bytes). */
export function areasOf({ address, bytes }: { readonly address: number; readonly bytes: number }): VmArea[] {
  return vmAreas().filter(({ from, to }) => to > address && from < address + bytes);
}
