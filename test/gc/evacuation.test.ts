import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Candidate, chooseFull, chooseSparse } from '../../gc/policy/evacuation.js';
import { Random } from '../support/random.js';

const REGION = 1000;

function choose(lives: readonly number[], targets: number, maxLiveShare = 0.85): number[] {
  const candidates = lives.map((live, i): Candidate => ({ region: i + 1, live }));
  return chooseSparse(candidates, { granulesPerRegion: REGION, targets, maxLiveShare });
}

test('the emptiest regions are chosen first, in address order', () => {
  assert.equal(choose([500, 100, 400, 90, 10], 1), [1, 2, 3, 4, 5].slice(1));
  assert.equal(choose([500, 100, 400, 90, 10], 2), [1, 2, 3, 4, 5]);
  assert.equal(choose([300, 300, 300, 300], 1), [1, 2, 3], 'at the same size, the lowest');
});

test('nothing that gains nothing is moved', () => {
  assert.equal(choose([], 4), []);
  assert.equal(choose([100], 4), [], 'one for one');
  assert.equal(choose([840, 840], 4), [], 'two for two');
  assert.equal(choose([840, 840, 840, 840, 840, 840, 840], 6), [1, 2, 3, 4, 5, 6, 7], 'seven for six');
  assert.equal(choose([500, 500], 1), [1, 2], 'two for one');
  assert.equal(choose([501, 500], 1), [], 'they do not fit');
});

test('full regions stay, whatever the room', () => {
  assert.equal(choose([850, 851, 10, 900, 1000], 10), [1, 3]);
  assert.equal(choose([990, 991, 10], 10, 0.99), [1, 3]);
  assert.equal(choose([400, 400, 10], 10, 0), []);
});

test('with no room for targets nothing is chosen', () => {
  assert.equal(choose([1, 1, 1], 0), []);
});

test('at random: what is chosen fits, gains, and leaves no emptier region out', () => {
  const random = new Random(1);
  for (let round = 0; round < 5000; round++) {
    const lives = Array.from({ length: random.below(30) }, () => random.between(1, REGION));
    const targets = random.below(12);
    const share = random.pick([0.5, 0.85, 1]);
    const chosen = choose(lives, targets, share);
    const live = chosen.reduce((sum, region) => sum + lives[region - 1]!, 0);
    assert.ok(live <= targets * REGION, 'it fits');
    assert.ok(chosen.length === 0 || chosen.length > live / REGION, 'it gains');
    assert.equal(
      chosen,
      [...chosen].sort((a, b) => a - b),
    );
    const fullest = Math.max(0, ...chosen.map((region) => lives[region - 1]!));
    assert.ok(fullest <= share * REGION);
    if (chosen.length === 0) continue;
    for (const [i, other] of lives.entries()) {
      if (!chosen.includes(i + 1)) assert.ok(other >= fullest, `region ${i + 1} is emptier than one that was chosen`);
    }
  }
});

test('in full, all that fit; but full regions in front do not keep emptier ones from being chosen for ever', () => {
  const full = (lives: readonly number[], targets: number) =>
    chooseFull(
      lives.map((live, i): Candidate => ({ region: i + 1, live })),
      { granulesPerRegion: REGION, targets, maxLiveShare: 0.95 },
    );
  assert.equal(full([990, 990, 500, 490, 10], 4), [1, 2, 3, 4, 5]);
  assert.equal(full([990, 700, 500, 490, 10], 3), [1, 2, 3, 4, 5]);
  assert.equal(full([990, 700, 500, 490, 10], 2), [2, 3, 4, 5]);
  assert.equal(full([990, 990, 500, 490, 400], 2), [3, 4, 5], 'the first two would take all the room');
  assert.equal(full([990, 990], 2), [1, 2], 'also where nothing is gained');
});

test.run();
