// deadline: 900s
/**
 * Random programs on every way, against the model.
 *
 *     CONTINUUM_RUNS=N        programs for each way and setting; also lifts the limit on time
 *     CONTINUUM_LENGTH=N      operations of a program, at most
 *     CONTINUUM_SEED=…        the same programs again
 *     CONTINUUM_PATH=…        one of them alone, with
 *     CONTINUUM_ONLY='…'      the tests whose names have this in them
 *     CONTINUUM_PROGRAM=FILE  a program that was written to a file, 20 times
 */
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exitAfterwards } from '../support/exit.js';
import { chooseSeed } from '../support/random.js';
import { nameOf, WAYS } from '../support/ways.js';
import { checkProgram, checkPrograms, type Figures, REPLAYS } from './check.js';
import { type Kept, keptSchema } from './program.js';
import { settingOf, settingsOf } from './settings.js';

exitAfterwards(test);

const { CONTINUUM_RUNS, CONTINUUM_LENGTH, CONTINUUM_PATH, CONTINUUM_ONLY = '', CONTINUUM_PROGRAM } = process.env;
const RUNS = 24;
/** For one way and setting, where nobody asks for more: a busy machine plays fewer programs. */
const BUDGET_MS = 1200;
const kept = new URL('../../../test/property/kept/', import.meta.url);

const seed = chooseSeed();
const sum: Figures = { programs: 0, operations: 0, outOfMemory: 0, cycles: 0, evacuated: 0, byFault: 0 };
const began = performance.now();
console.log(`CONTINUUM_SEED=${seed}`);

function add(figures: Figures): void {
  for (const name of Object.keys(sum) as (keyof Figures)[]) sum[name] += figures[name];
}

async function replay(text: string): Promise<void> {
  const { way: name, setting, program }: Kept = keptSchema.parse(JSON.parse(text));
  const way = WAYS.find((each) => nameOf(each) === name);
  assert.ok(way, `no way ${name}`);
  add(await checkProgram(way, settingOf(way, setting), program, REPLAYS));
}

if (CONTINUUM_PROGRAM !== undefined) {
  test(`the program in ${CONTINUUM_PROGRAM}`, () => replay(readFileSync(CONTINUUM_PROGRAM, 'utf8')));
} else if (CONTINUUM_PATH === undefined) {
  for (const file of readdirSync(kept).filter((name) => name.endsWith('.json'))) {
    test(`kept: ${file}`, () => replay(readFileSync(new URL(file, kept), 'utf8')));
  }
}

/** A run without wishes plays the plain setting of every way, and every other one of the rest; another seed the others. */
const all = CONTINUUM_RUNS !== undefined || CONTINUUM_ONLY !== '';
let left = 0;
for (const [number, way] of (CONTINUUM_PROGRAM === undefined ? WAYS : []).entries()) {
  for (const [index, setting] of settingsOf(way).entries()) {
    const name = `${nameOf(way)}, ${setting.name}`;
    if (!name.includes(CONTINUUM_ONLY)) continue;
    if (!all && index > 0 && (seed + number + index) % 2 !== 0) {
      left++;
      continue;
    }
    test(name, async () => {
      const figures = await checkPrograms(way, setting, {
        seed,
        runs: Number(CONTINUUM_RUNS ?? RUNS),
        ...(CONTINUUM_LENGTH !== undefined && { length: Number(CONTINUUM_LENGTH) }),
        ...(CONTINUUM_PATH !== undefined && { path: CONTINUUM_PATH }),
        budgetMs: CONTINUUM_RUNS === undefined ? BUDGET_MS : Number.POSITIVE_INFINITY,
      });
      assert.ok(figures.programs > 0 && figures.operations > 0, 'no program was played');
      add(figures);
    });
  }
}

if (left > 0) console.log(`skipped: ${left} settings of the ways are for other seeds; CONTINUUM_RUNS plays them all`);

test('programs ran beside collections that moved what they used', () => {
  console.log(
    `figures: ${sum.programs} programs, ${sum.operations} operations (${sum.outOfMemory} out of memory), ${sum.cycles} cycles, ` +
      `${Math.round(sum.evacuated / 2 ** 20)} MiB moved, ${sum.byFault} pages by faults; ` +
      `${((performance.now() - began) / 1000).toFixed(1)} s`,
  );
  if (CONTINUUM_PATH !== undefined || CONTINUUM_PROGRAM !== undefined || CONTINUUM_ONLY !== '') return;
  assert.ok(sum.evacuated > 0, 'nothing moved');
  assert.ok(sum.byFault > 0, 'nobody took a fault');
});

test.run();
