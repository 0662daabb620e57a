/** The open and the closed loop, on a clock of the test's own: latencies are compared with what is worked out by hand. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BatchTimes, batchSamples, meteredBatches, meteredFully } from '../../../bench/latency/closed-loop.js';
import { LatencyCounts } from '../../../bench/latency/counts.js';
import { openLoop, requestOperations, spinMs } from '../../../bench/latency/open-loop.js';
import { requestsOf } from '../../../bench/latency/requests.js';
import type { Ending } from '../../../bench/workloads/index.js';

interface Scene {
  /** Operations a second offered. */
  readonly perSecond: number;
  readonly firstMs?: number;
  /** When the period ends, ms. */
  readonly endMs: number;
  /** How long request `i` takes, ms. */
  readonly takesMs: (i: number) => number;
  readonly operations?: number;
  readonly ending?: (i: number) => Ending;
  /** How much later than asked for a sleeper wakes, ms. */
  readonly lateMs?: number;
}

/** One open loop on a clock that only work, waiting and looking at the clock move on. */
function play(scene: Scene) {
  let now = 0;
  let served = 0;
  let isParked = false;
  const began: number[] = [];
  const slept: number[] = [];
  let safepoints = 0;
  const session = {
    ending: 'may' as Ending,
    batch(operations?: number): number {
      assert.is(operations, requestOperations);
      assert.not.ok(isParked);
      began.push(now);
      now += scene.takesMs(served);
      this.ending = scene.ending?.(served) ?? 'may';
      served++;
      return scene.operations ?? requestOperations;
    },
  };
  const mutator = {
    safepoint: () => void safepoints++,
    parked: (wait: () => void) => {
      isParked = true;
      wait();
      isParked = false;
    },
  };
  const period = {
    isOver: () => now >= scene.endMs,
    sleep: (ms: number) => {
      assert.ok(isParked, 'it sleeps where the collector would wait for it');
      slept.push(ms);
      // As Atomics.wait on the word of the step: the end of the period wakes it, once.
      now = now < scene.endMs ? Math.min(now + ms + (scene.lateMs ?? 0), scene.endMs) : now + ms;
    },
  };
  const clock = () => {
    now += 1e-5; // looking at it takes 10 ns
    return now;
  };
  const outcome = openLoop(
    session,
    mutator,
    period,
    { perSecond: scene.perSecond, firstMs: scene.firstMs ?? 0 },
    clock,
  );
  const [simple, metered] = [new LatencyCounts(), new LatencyCounts()];
  simple.add(outcome.latency.simple);
  metered.add(outcome.latency.metered);
  return { ...outcome, simple, metered, began, slept, safepoints, now, unserved: outcome.latency.unserved };
}

/** A thousand requests a second. */
const perSecond = 1000 * requestOperations;

function near(found: number, expectedMs: number, what: string, slackMs = 0.02): void {
  assert.ok(
    Math.abs(found / 1e6 - expectedMs) <= slackMs + expectedMs * 0.001,
    `${what}: ${found / 1e6} ms for ${expectedMs} ms`,
  );
}

test('one stall of 100 ms in a second of 1000 requests is in the latency of all that had to wait for it', () => {
  const { simple, metered, operations, unserved } = play({
    ...{ perSecond, endMs: 999.5 },
    takesMs: (i) => (i === 500 ? 100 : 0.1),
  });
  assert.is(operations, 1000 * requestOperations);
  assert.is(unserved, 0);
  // Only one request was long itself.
  near(simple.percentileNs(0.999), 0.1, 'simple p99.9');
  near(simple.percentileNs(1), 100, 'simple longest');
  // By hand: request 500 + k is due k ms after the one that stalls, and ends 100 + 0.1 k after that: it took 100 - 0.9 k.
  // So the r-th longest of all took 100 - 0.9 (r - 1), and the 111 first of those more than the 0.1 of an undisturbed one.
  for (const [share, rank] of [
    [1, 1],
    [0.999, 2],
    [0.99, 11],
    [0.95, 51],
    [0.9, 101],
    [0.89, 111],
  ]) {
    near(metered.percentileNs(share), 100 - 0.9 * (rank - 1), `metered, longest but ${rank - 1}`);
  }
  near(metered.percentileNs(0.88), 0.1, 'metered p88');
});

test('the same on the real clock: however busy the machine is, the tail is no shorter than by hand', () => {
  const word = new Int32Array(new SharedArrayBuffer(4));
  let first = Number.NaN;
  const sinceFirst = () => performance.now() - first;
  const busyFor = (ms: number) => {
    for (const from = performance.now(); performance.now() - from < ms; );
  };
  let served = 0;
  const begun = performance.now();
  const { latency } = openLoop(
    {
      batch: () => {
        if (served === 0) first = performance.now();
        busyFor(served++ === 300 ? 100 : 0.01);
        return requestOperations;
      },
    },
    { safepoint: () => {}, parked: (wait) => wait() },
    { isOver: () => sinceFirst() > 600, sleep: (ms) => void Atomics.wait(word, 0, 0, ms) },
    { perSecond, firstMs: 0 },
  );
  const [simple, metered] = [new LatencyCounts(), new LatencyCounts()];
  simple.add(latency.simple);
  metered.add(latency.metered);
  assert.is(simple.count + latency.unserved, metered.count);
  assert.ok(metered.count >= 600 && metered.count <= performance.now() - begun + 2, `${metered.count} were due`);
  for (let rank = 1; rank <= 100; rank++) {
    const ns = metered.percentileNs(1 - (rank - 1) / metered.count);
    assert.ok(ns >= (100 - (rank - 1)) * 1e6, `longest but ${rank - 1}: ${ns / 1e6} ms`);
  }
});

test('a stall that lasts to the end of the period counts for the requests that were never begun', () => {
  const { simple, metered, unserved } = play({ perSecond, endMs: 900.5, takesMs: (i) => (i === 800 ? 150 : 0.1) });
  // Those due at 801 … 949 ms, which had waited 149 … 1 ms when the stall ended at 950; the one due then as well.
  assert.ok(unserved === 149 || unserved === 150, `${unserved}`);
  assert.is(simple.count, 801);
  assert.is(metered.count, 801 + unserved);
  near(metered.percentileNs(1), 150, 'longest');
  near(metered.percentileNs(1 - 50 / metered.count), 100, 'longest but 50', 1.1);
});

test('a rate that cannot be kept: each request waits longer than the one before, and the rest is unserved', () => {
  const { metered, simple, operations, unserved, began, slept } = play({ perSecond, endMs: 1000, takesMs: () => 2 });
  assert.is(operations, 500 * requestOperations);
  assert.ok(Math.abs(unserved - 500) <= 1, `${unserved}`);
  near(simple.percentileNs(1), 2, 'simple');
  // Request k is begun at 2 k, due at k and done at 2 k + 2; the unserved have waited 500 … 0 ms.
  near(metered.percentileNs(1), 501, 'longest', 0.2);
  near(metered.percentileNs(0.5), 250, 'median', 2);
  assert.is(slept.length, 0);
  assert.ok(began.every((at, i) => i === 0 || at > began[i - 1]));
});

test('it sleeps parked until shortly before a request is due, and then looks at the clock', () => {
  for (const lateMs of [0, 0.05]) {
    const { began, slept, safepoints, metered } = play({ perSecond, endMs: 100.5, takesMs: () => 0.2, lateMs });
    assert.is(began.length, 101);
    assert.is(slept.length, 101); // the last time until the period ends
    for (const ms of slept) assert.ok(Math.abs(ms - (1 - 0.2 - spinMs)) < 0.01, `${ms}`);
    for (const [i, at] of began.entries()) assert.ok(at >= i && at - i < 0.001, `request ${i} began at ${at}`);
    assert.ok(safepoints > began.length, 'and lets the collector in meanwhile');
    near(metered.percentileNs(1), 0.2, 'longest', 0.001);
  }
});

test('the rate is of operations, whatever a batch has of them', () => {
  const { began, operations } = play({
    perSecond,
    endMs: 1000.5,
    takesMs: () => 1,
    operations: 10 * requestOperations,
  });
  assert.is(operations, 101 * 10 * requestOperations);
  for (const [i, at] of began.entries()) assert.ok(Math.abs(at - 10 * i) < 0.01, `request ${i} began at ${at}`);
});

test('mutators take turns: the first request may be due later', () => {
  const { began } = play({ perSecond, firstMs: 0.5, endMs: 10, takesMs: () => 0.1 });
  assert.is(began.length, 10);
  for (const [i, at] of began.entries()) assert.ok(Math.abs(at - 0.5 - i) < 0.001, `request ${i}`);
});

test('the end of the period wakes it, and nothing is begun after', () => {
  const { began, now, unserved, operations } = play({ perSecond: 1, endMs: 50, takesMs: () => 1 });
  assert.is(began.length, 1);
  assert.is(operations, requestOperations);
  assert.ok(now < 51, 'it slept on');
  assert.is(unserved, 0);
});

test('a session ends where it may: it goes on at its rate until then, and at once where it must', () => {
  const going = play({ perSecond, endMs: 10.5, takesMs: () => 0.1, ending: (i) => (i < 20 ? 'not-yet' : 'may') });
  assert.is(going.began.length, 21);
  for (const [i, at] of going.began.entries()) assert.ok(Math.abs(at - i) < 0.01, `request ${i} began at ${at}`);
  const done = play({ perSecond, endMs: 10.5, takesMs: () => 0.1, ending: () => 'must' });
  assert.is(done.began.length, 1);
  assert.is(done.unserved, 0);
});

test('mutators together: rates, counts and quantiles in µs', () => {
  const one = () => play({ perSecond: perSecond / 2, endMs: 999.5, takesMs: () => 0.1 }).latency;
  const rates = { offeredPerSecond: perSecond, reachedPerSecond: perSecond - 1 };
  const { latency, batchUs, texts } = requestsOf([one(), one()], rates, { startedAt: 0, ms: 1000 });
  assert.is(latency.requests, 1000);
  assert.is(latency.unserved, 0);
  assert.is(latency.offeredPerSecond, perSecond);
  assert.ok(Math.abs(latency.simpleUs.p50 - 100) < 1 && Math.abs(latency.meteredUs.p9999 - 100) < 2);
  assert.equal([batchUs.count, batchUs.p999], [1000, latency.simpleUs.p999]);
  assert.is(latency.meteredUs.curve.at(-1)?.[0], 0.999);
  assert.equal(Object.keys(texts), ['hdrSimple', 'hdrMetered', 'latencyCsv']);
});

// ---- closed runs, metered as DaCapo does -----------------------------------------------------------------------------

test('evenly begun requests are metered as they are', () => {
  const begins = Float64Array.from({ length: 10 }, (_, i) => 5 + i);
  assert.equal(
    [
      ...meteredFully(
        begins,
        begins.map((at) => at + 0.5),
      ),
    ],
    Array(10).fill(0.5),
  );
  assert.is(meteredFully(new Float64Array(0), new Float64Array(0)).length, 0);
  assert.equal([...meteredFully(Float64Array.of(3), Float64Array.of(7))], [4]);
});

test('a request that holds up the next ones is in their latency, by hand', () => {
  // One mutator, back to back: 1 ms each, the second 6 ms. They begin at 0, 1, 7, 8, 9; at an even pace at 0, 2.25, 4.5,
  // 6.75, 9. They end at 1, 7, 8, 9, 10: metered 1, max(4.75, 6), 3.5, 2.25, 1.
  const begins = Float64Array.of(0, 1, 7, 8, 9);
  const ends = Float64Array.of(1, 7, 8, 9, 10);
  assert.equal([...meteredFully(begins, ends)], [1, 6, 3.5, 2.25, 1]);
});

test('requests of several mutators are one sequence, by their begin', () => {
  const first = Float64Array.of(0, 2, 4, 10); // batches at 0, 2 and 4; the last takes 6
  const second = Float64Array.of(1, 3, 5, 6);
  // Together they begin at 0 … 5, one a millisecond, and are metered as they are: 2, 2, 2, 2, 6, 1.
  const metered = meteredBatches([first, second]);
  assert.equal([metered?.p50, metered?.max, metered?.curve[0][1]], [2000, 6000, 1000]);
  assert.is(meteredBatches([first, undefined]), undefined);
});

test('batch times are of a clock that all threads share, however many there are', () => {
  const times = new BatchTimes();
  const before = Number(process.hrtime.bigint()) / 1e6;
  for (let i = 0; i < 5000; i++) times.add(performance.now());
  const after = Number(process.hrtime.bigint()) / 1e6;
  const data = times.data ?? [];
  assert.is(data.length, 5000);
  assert.ok(data[0] >= before - 0.5 && data[4999] <= after + 0.5 && data[0] <= data[4999]);
});

test('a rest between two turns did not happen: batches follow on each other', () => {
  const times = new BatchTimes();
  times.begin(100);
  for (const end of [101, 103]) times.add(end);
  times.begin(900);
  for (const end of [902, 905]) times.add(end);
  times.begin(2000);
  times.add(2007);
  const [first, ...rest] = times.data ?? [];
  assert.equal(
    rest.map((time) => Math.round(time - first)),
    [1, 3, 5, 8, 15],
  );
  assert.equal(batchSamples([times.data]), [[1000, 2000, 2000, 3000, 7000]]);
});

test('samples are every batch as it came, µs, a list a mutator; none where there are too many', () => {
  const two = [Float64Array.of(1, 2, 4.5), Float64Array.of(7, 7.00126)];
  assert.equal(batchSamples(two), [[1000, 2500], [1.3]]);
  assert.equal(batchSamples([Float64Array.of(1)]), [[]]);
  assert.equal(batchSamples(two, 3), [[1000, 2500], [1.3]]);
  assert.is(batchSamples(two, 2), undefined);
  assert.is(batchSamples([two[0], undefined]), undefined);
});

test('more batch times than can be kept are none', () => {
  const times = new BatchTimes(3);
  for (let i = 0; i < 3; i++) times.add(i);
  assert.is(times.data?.length, 3);
  for (let i = 0; i < 9; i++) times.add(i);
  assert.is(times.data, undefined);
});

test.run();
