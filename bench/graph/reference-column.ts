import { nullReference } from './graph.js';
import { notRecent, RecentTargets, recentCount } from './recent-targets.js';
import { unzigzag, type VarintReader, type VarintWriter, zigzag } from './varint.js';

/**
 * One field of all objects of a class, coded by itself, because such a column is regular: it points just behind the
 * object that holds it, or goes on where its last target was, or repeats one of a few targets.
 *
 *     base     0: a new target is told from the object that holds it; 1: from the column's last target
 *     per reference:   0 null | 1 … 16 one of the recent targets | 17 + zigzag(target - base)
 */
const base = { holder: 0, lastTarget: 1 } as const;
const firstNew = 1 + recentCount;

/** Calls `visit` with each slot of a column and the object that holds it. */
export type ColumnWalk = (visit: (slot: number, holder: number) => void) => void;

/** Appends a column, told from whichever base takes fewer bits. */
export function writeColumn(writer: VarintWriter, references: Uint32Array, walk: ColumnWalk): void {
  const chosen = cheaperBase(references, walk);
  writer.varint(chosen);
  codes(references, walk, (code, target, holder, last) => {
    if (target === nullReference || code < firstNew) writer.varint(code);
    else writer.varint(firstNew + zigzag(target - (chosen === base.holder ? holder : last)));
  });
}

/** Fills a column of `references`; every target is below `objectCount`. Throws what `reader` makes of errors. */
export function readColumn(reader: VarintReader, references: Uint32Array, objectCount: number, walk: ColumnWalk): void {
  const fromHolder = reader.below(2, 'base of a column') === base.holder;
  const recent = new RecentTargets();
  let last = 0;
  walk((slot, holder) => {
    const code = reader.varint();
    if (code === 0) {
      references[slot] = nullReference;
      return;
    }
    const place = code < firstNew ? code - 1 : notRecent;
    const target = place === notRecent ? (fromHolder ? holder : last) + unzigzag(code - firstNew) : recent.at(place);
    if (!(target >= 0 && target < objectCount)) throw reader.error('a reference to no object');
    recent.touch(target, place);
    last = target;
    references[slot] = target;
  });
}

function cheaperBase(references: Uint32Array, walk: ColumnWalk): number {
  let bitsSaved = 0;
  codes(references, walk, (code, target, holder, last) => {
    if (code < firstNew) return;
    bitsSaved += Math.clz32(firstNew + zigzag(target - last)) - Math.clz32(firstNew + zigzag(target - holder));
  });
  return bitsSaved > 0 ? base.lastTarget : base.holder;
}

/** Walks a column with the code of each reference; for a new target the code is `firstNew`, without the distance. */
function codes(
  references: Uint32Array,
  walk: ColumnWalk,
  visit: (code: number, target: number, holder: number, last: number) => void,
): void {
  const recent = new RecentTargets();
  let last = 0;
  walk((slot, holder) => {
    const target = references[slot];
    if (target === nullReference) {
      visit(0, target, holder, last);
      return;
    }
    const place = recent.find(target);
    visit(place === notRecent ? firstNew : 1 + place, target, holder, last);
    recent.touch(target, place);
    last = target;
  });
}
