/** Where each page of the heap is drawn: regions in rows, the pages of a region in a square block. In device pixels. */

/** Squares are never larger than this, however small the heap is, and have a gap between them from this size on. */
const largestSide = 14;
const gappedSide = 5;

export interface Layout {
  /** Side of a page's square, the gap to the next included. */
  readonly side: number;
  /** What is painted of it. */
  readonly painted: number;
  /** Pages in a row of a region's block. */
  readonly blockColumns: number;
  readonly blockRows: number;
  /** Regions in a row of the grid. */
  readonly columns: number;
  readonly rows: number;
  /** Distance from one region's corner to the next one's; a border lies between the blocks. */
  readonly stepX: number;
  readonly stepY: number;
  readonly border: number;
  readonly width: number;
  readonly height: number;
  readonly pages: number;
  readonly pagesPerRegion: number;
}

/** The largest squares with which the grid fits `width`, and `height` if it can. */
export function layoutOf(pages: number, pagesPerRegion: number, width: number, height: number): Layout {
  for (let side = largestSide; ; side--) {
    const layout = layoutWith(side, pages, pagesPerRegion, width);
    if (side === 1 || (layout.width <= width && layout.height <= height)) return layout;
  }
}

/** The grid with squares of a given side. */
export function layoutWith(side: number, pages: number, pagesPerRegion: number, width: number): Layout {
  const regions = Math.ceil(pages / pagesPerRegion);
  const blockColumns = Math.ceil(Math.sqrt(pagesPerRegion));
  const blockRows = Math.ceil(pagesPerRegion / blockColumns);
  const border = side > 2 ? 2 : 1;
  const stepX = blockColumns * side + border;
  const stepY = blockRows * side + border;
  const columns = Math.max(1, Math.min(regions, Math.floor((width - border) / stepX)));
  const rows = Math.ceil(regions / columns);
  return {
    ...{ side, painted: side >= gappedSide ? side - 1 : side, blockColumns, blockRows, columns, rows, stepX, stepY },
    ...{ border, width: columns * stepX + border, height: rows * stepY + border, pages, pagesPerRegion },
  };
}

/** Left edge of a page's square. */
export function leftOf({ pagesPerRegion, columns, stepX, border, blockColumns, side }: Layout, page: number): number {
  const region = Math.floor(page / pagesPerRegion);
  const inside = page % pagesPerRegion;
  return (region % columns) * stepX + border + (inside % blockColumns) * side;
}

/** Upper edge of a page's square. */
export function topOf({ pagesPerRegion, columns, stepY, border, blockColumns, side }: Layout, page: number): number {
  const region = Math.floor(page / pagesPerRegion);
  const inside = page % pagesPerRegion;
  return Math.floor(region / columns) * stepY + border + Math.floor(inside / blockColumns) * side;
}

/** The page drawn at a point; undefined on a border and outside. */
export function pageAt(layout: Layout, x: number, y: number): number | undefined {
  const { stepX, stepY, border, side, columns, blockColumns, blockRows, pages, pagesPerRegion } = layout;
  const regionX = Math.floor(x / stepX);
  const regionY = Math.floor(y / stepY);
  const column = Math.floor((x - regionX * stepX - border) / side);
  const row = Math.floor((y - regionY * stepY - border) / side);
  if (x < 0 || y < 0 || regionX >= columns || column < 0 || row < 0 || column >= blockColumns || row >= blockRows) {
    return undefined;
  }
  const inside = row * blockColumns + column;
  const page = (regionY * columns + regionX) * pagesPerRegion + inside;
  return inside < pagesPerRegion && page < pages ? page : undefined;
}

/** The page beside another one, by squares to the right and down; the same page where there is none. */
export function neighbour(layout: Layout, page: number, right: number, down: number): number {
  const { side, border, blockColumns, blockRows } = layout;
  // Past a block's edge the border has to be stepped over as well.
  const inside = page % layout.pagesPerRegion;
  const column = (inside % blockColumns) + right;
  const row = Math.floor(inside / blockColumns) + down;
  const x = leftOf(layout, page) + right * side + (column < 0 ? -border : column >= blockColumns ? border : 0);
  const y = topOf(layout, page) + down * side + (row < 0 ? -border : row >= blockRows ? border : 0);
  return pageAt(layout, x, y) ?? page;
}
