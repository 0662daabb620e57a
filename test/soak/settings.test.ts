// deadline: 720s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { workloads } from '../../bench/workloads/table.js';
import { Collector, createHeap } from '../../gc/index.js';
import { type Delivery, defaultShape, HUGE_PAGE_BYTES } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { nameOf, WAYS } from '../support/ways.js';
import { INJECTIONS } from './injections.js';
import { findMeans } from './means.js';
import { drawRound, type Means, type RoundSettings } from './settings.js';

exitAfterwards(test);

const MIB = 2 ** 20;
const ALL: Means = {
  resolutions: ['continue', 'copy', 'move', 'protect', 'stw'],
  ...{ kernelBarrier: true, poison: true, hugePages: true },
};
const ROUNDS = 600;
const draw = (seed: number, means: Means) =>
  Array.from({ length: ROUNDS }, (_, round) => drawRound(seed, round, means));
const keysOf = (rounds: readonly RoundSettings[], key: (round: RoundSettings) => unknown) =>
  new Set(rounds.map((round) => JSON.stringify(key(round))));

test('a seed draws the same rounds again, another one others', () => {
  assert.equal(draw(7, ALL), draw(7, ALL));
  assert.not.equal(draw(7, ALL), draw(8, ALL));
  assert.equal(JSON.parse(JSON.stringify(draw(7, ALL))), draw(7, ALL), 'settings survive being written down');
});

test('a round is drawn without those before it', () => {
  assert.equal(drawRound(7, 123, ALL), draw(7, ALL)[123]);
});

test('everything that can be drawn is', () => {
  const rounds = draw(7, ALL);
  assert.is(keysOf(rounds, ({ way }) => nameOf(way)).size, WAYS.length);
  assert.is(keysOf(rounds, ({ program }) => program.kind).size, 1 + Object.keys(workloads).length);
  assert.is(keysOf(rounds, ({ fresh }) => fresh).size, 2);
  for (const choice of ['barrier', 'poison', 'userfaultfds'] as const) {
    assert.is(keysOf(rounds, ({ choices }) => choices[choice]).size, 2, choice);
  }
  assert.is(keysOf(rounds, ({ pageBytes }) => pageBytes).size, 2);
  for (const policy of ['publish', 'walk', 'evacuate', 'batch', 'residentFree', 'faultServers', 'ahead'] as const) {
    assert.ok(keysOf(rounds, ({ collector }) => collector[policy]).size >= 2, policy);
  }
  const injected = new Set(rounds.flatMap(({ injection }) => Object.keys(injection)));
  for (const name of ['lose', 'delay', 'lingerMs', 'slowServerMs']) assert.ok(injected.has(name), name);
  const lost = keysOf(rounds, ({ injection }) => injection.lose?.phases);
  assert.is(lost.size, 4, 'each way to lose threads, and none');
  assert.ok(Object.keys(INJECTIONS).length >= 6);
});

test('what the machine cannot do is not drawn', () => {
  const means = { resolutions: ['copy', 'stw'], kernelBarrier: false, poison: false, hugePages: false };
  for (const { way, choices, pageBytes } of draw(7, means)) {
    assert.ok(means.resolutions.includes(way.resolution));
    assert.equal([choices.barrier, choices.poison, pageBytes], ['software', false, 4096]);
  }
});

test('only what is never drawn breaks anything', () => {
  for (const round of draw(7, ALL)) {
    assert.is(round.leak, undefined);
    assert.is(round.injection.skipUpdate, undefined);
    const { lose, most = 0 } = round.injection;
    if (lose !== undefined) assert.ok(most > 0 && most <= 7, 'a cycle survives as many');
  }
});

test('every heap that is drawn can be made', () => {
  const seen = new Set<string>();
  for (const { way, choices, pageBytes, program } of draw(
    7,
    findMeans(() => {}),
  )) {
    const key = JSON.stringify([way, choices, pageBytes]);
    if (seen.has(key) || pageBytes === HUGE_PAGE_BYTES) continue; // of those only few can be reserved
    seen.add(key);
    const shape = defaultShape(program.heapMiB * MIB, program.mutators, pageBytes);
    createHeap(shape, way.resolution, way.flip, { ...choices, delivery: way.delivery as Delivery }).close();
  }
  assert.ok(seen.size > 20);
});

test('every collector that is drawn can be made', async () => {
  const seen = new Set<string>();
  for (const { way, choices, pageBytes, collector } of draw(
    7,
    findMeans(() => {}),
  )) {
    const { userfaultfds } = choices;
    const key = JSON.stringify([way.resolution, way.delivery, collector.faultServers, userfaultfds]);
    if (seen.has(key) || pageBytes === HUGE_PAGE_BYTES) continue;
    seen.add(key);
    const heap = createHeap(defaultShape(16 * MIB, 1), way.resolution, way.flip, {
      ...choices,
      delivery: way.delivery as Delivery,
    });
    const made = new Collector(heap, { ...way, ...collector });
    await made.start();
    await made.stop();
    heap.close();
  }
  assert.ok(seen.size > 8);
});

test.run();
