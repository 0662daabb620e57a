/** What is read out of a JVM's log, against real logs, shortened, with the figures worked out by hand. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseGcLog } from '../../../bench/peers/gc-log.js';

/** Compiled tests are in dist; logs stay with the sources. */
const folder = fileURLToPath(new URL('../../../../test/bench/peers/logs/', import.meta.url));
const read = (name: string) => readFileSync(`${folder}${name}.log`, 'utf8');

test('Serial of 17: one full collection, one pause, from asking for the safepoint on', () => {
  const log = parseGcLog(read('serial-17'), [38402647730601, 38402858836092]);
  assert.equal(log.pausesUs, [208_053.991]);
  assert.equal(log.fullMs, [(38402856790740 - 38402652109267) / 1e6]);
  assert.equal(log.stallsMs, []);
});

test('G1 of 25: what ended before the period does not count, and a young collection is no full one', () => {
  const text = read('g1-25');
  const full = [(38403630830650 - 38403564995054) / 1e6];
  assert.equal(parseGcLog(text, [38403547953448, 38403631774887]), {
    pausesUs: [80_613.597],
    stallsMs: [],
    fullMs: full,
  });
  assert.equal(parseGcLog(text, [0, 38403631774887]).pausesUs, [32_744.736, 80_613.597]);
  assert.equal(parseGcLog(text, [0, 38403631774887]).fullMs, full);
});

test('ZGC of 17: only what began in the period, and no safepoint that was not for the collector', () => {
  const text = read('zgc-17');
  const log = parseGcLog(text, [38405416375450, 38405553794985]);
  assert.equal(log.pausesUs, [39.969, 13.64, 17.256, 28.062, 10.155]);
  assert.equal(log.fullMs, [(38405552772082 - 38405493714499) / 1e6]);
  assert.match(text, 'CleanClassLoaderDataMetaspaces');
});

test('generational ZGC of 25: a major collection is one of all, a minor one is not', () => {
  const log = parseGcLog(read('zgc-25'), [38407988000000, 38408062729275]);
  assert.is(log.pausesUs.length, 9);
  assert.is(Math.max(...log.pausesUs), 44.556);
  assert.equal(log.fullMs, [(38408062329932 - 38407990674806) / 1e6]);
});

test('generational Shenandoah of 25: a global cycle is one of all, a young one is not', () => {
  const log = parseGcLog(read('shenandoah-25-generational'), [38410282903655, 38410400000000]);
  assert.equal(log.pausesUs, [56.083, 121.501, 24.296, 47.2, 1327.611, 1114.635]);
  assert.equal(log.fullMs, [(38410338094491 - 38410287890870) / 1e6]);
});

test("ZGC's stalls: those of mutators, and not those of the thread that tells how far it is", () => {
  const text = read('zgc-17-stalls');
  assert.equal(parseGcLog(text, [0, Number.MAX_SAFE_INTEGER]).stallsMs, [63.75]);
  assert.match(text, 'Allocation Stall (main)');
});

test('a log that breaks off, or holds anything else, is no trouble', () => {
  const text = `${read('serial-17').slice(0, 700)}\nnot a line\n[12ns][gc] GC(`;
  assert.equal(parseGcLog(text, [0, Number.MAX_SAFE_INTEGER]).pausesUs, []);
  assert.equal(parseGcLog('', [0, 1]), { pausesUs: [], stallsMs: [], fullMs: [] });
});

test.run();
