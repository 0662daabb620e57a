import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layoutOf, leftOf, neighbour, pageAt, topOf } from '../../../../bench/html/replay/layout.js';

const shape = fc.record({
  pages: fc.integer({ min: 1, max: 3000 }),
  pagesPerRegion: fc.constantFrom(1, 2, 16, 100, 256, 512),
  width: fc.integer({ min: 40, max: 1500 }),
  height: fc.integer({ min: 40, max: 900 }),
});

test('every pixel of a square is its page, and no square reaches beyond the grid', () => {
  fc.assert(
    fc.property(
      shape,
      fc.double({ min: 0, max: 1, noNaN: true }),
      ({ pages, pagesPerRegion, width, height }, share) => {
        const layout = layoutOf(pages, pagesPerRegion, width, height);
        const page = Math.min(pages - 1, Math.floor(share * pages));
        const [left, top] = [leftOf(layout, page), topOf(layout, page)];
        for (const x of [left, left + layout.side - 0.01]) {
          for (const y of [top, top + layout.side - 0.01]) assert.is(pageAt(layout, x, y), page);
        }
        assert.ok(left + layout.side + layout.border <= layout.width);
        assert.ok(top + layout.side + layout.border <= layout.height);
      },
    ),
  );
});

test('outside and on the border between regions there is no page', () => {
  const layout = layoutOf(1024, 256, 800, 600);
  assert.is(pageAt(layout, -1, 5), undefined);
  assert.is(pageAt(layout, 5, layout.height + 5), undefined);
  assert.is(pageAt(layout, layout.stepX, layout.border), undefined);
  assert.is(pageAt(layout, layout.width, 5), undefined);
});

test('a heap of 1 GiB takes a square a pixel, and little more room than it has pixels', () => {
  const layout = layoutOf(262_144, 256, 1000, 640);
  assert.is(layout.side, 1);
  assert.ok(layout.width <= 1000 && layout.height <= 640);
  assert.ok(layout.width * layout.height < 1.25 * 262_144);
});

test('squares are as large as the room allows', () => {
  assert.is(layoutOf(256, 256, 1000, 640).side, 14);
  const { side, height } = layoutOf(8704, 256, 900, 640);
  assert.ok(side >= 6 && height <= 640, `side ${side}`);
});

test('neighbours lie beside a page, in the next region where its own ends, and nowhere beyond the grid', () => {
  const layout = layoutOf(1024, 256, 4000, 2000); // four regions in a row
  assert.is(neighbour(layout, 0, 1, 0), 1);
  assert.is(neighbour(layout, 0, 0, 1), 16);
  assert.is(neighbour(layout, 15, 1, 0), 256);
  assert.is(neighbour(layout, 256, -1, 0), 15);
  assert.is(neighbour(layout, 0, -1, 0), 0);
  assert.is(neighbour(layout, 0, 0, -1), 0);
  assert.is(neighbour(layout, 240, 0, 1), 240);
  assert.is(neighbour(layout, 1023, 1, 0), 1023);
});

test.run();
