/** `npm run soak`: the command line around a soak, its progress and its summary. */
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Arguments, HELP, readArguments } from './arguments.js';
import { describe } from './failure.js';
import { findMeans } from './means.js';
import { drawRound, type RoundSettings } from './settings.js';
import { Soak, type SoakResult } from './soak.js';
import { progressLine, summary } from './summary.js';

const EXIT = { ok: 0, found: 1, usage: 2, interrupted: 130 } as const;
const LINE_MS = 10_000;
const MOST_UNWANTED = 10_000;

async function main(): Promise<number> {
  let args: Arguments;
  try {
    args = readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`continuum soak: ${(error as Error).message}; see --help`);
    return EXIT.usage;
  }
  if (args.help) {
    console.log(HELP);
    return EXIT.ok;
  }
  const { seed, minutes } = args;
  const say = (line: string) => console.error(line);
  const out = args.out === undefined ? mkdtempSync(join(tmpdir(), `continuum-soak-${seed}-`)) : resolve(args.out);
  mkdirSync(out, { recursive: true });
  say(`soak: ${args.repeat ?? `--seed ${seed} --minutes ${minutes}`}; rounds that fail leave a folder in ${out}`);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  const began = performance.now();
  let current = '';
  const soak = new Soak({
    ...{ seed, out, signal: abort.signal, watchdogMs: 1000 * args.watchdogSeconds },
    draw: args.repeat === undefined ? drawFrom(args, say) : repeatFrom(args.repeat, args.times),
    until: args.repeat === undefined ? began + 60_000 * minutes : Number.POSITIVE_INFINITY,
    onRound: (round) => {
      current = `round ${round.round}: ${describe(round)}`;
    },
    onFailure: ({ folder, command, why, round }) =>
      say(`FAILED round ${round.round}: ${describe(round)}\n${why}\n  ${folder}\n  ${command}`),
  });
  const line = setInterval(() => say(progressLine(soak.progress, current, performance.now() - began)), LINE_MS);
  const result = await soak.run();
  clearInterval(line);
  try {
    rmdirSync(out); // nothing failed: nothing is in it
  } catch {
    // something is
  }
  print(result, args, performance.now() - began);
  if (result.failures.length > 0) return EXIT.found;
  return result.interrupted ? EXIT.interrupted : EXIT.ok;
}

/** The rounds of the seed that are wanted, in order. */
function drawFrom({ seed, rounds, only }: Arguments, say: (line: string) => void) {
  const means = findMeans(say);
  let next = 0;
  return (round: number) => {
    if (round >= rounds) return undefined;
    for (const last = next + MOST_UNWANTED; next < last; ) {
      const settings = drawRound(seed, next++, means);
      const description = describe(settings);
      if (only.every((part) => description.includes(part))) return settings;
    }
    say(`none of ${MOST_UNWANTED} rounds is ${only.join(', ')}`);
    return undefined;
  };
}

/** All in one process, as the one that failed had them. */
function repeatFrom(file: string, times: number) {
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as RoundSettings[];
  return (round: number) => (round < recorded.length * times ? recorded[round % recorded.length] : undefined);
}

function print(result: SoakResult, { json, seed }: Arguments, ms: number): void {
  const failures = result.failures.map(({ folder, command, why, round }) => ({
    round: round.round,
    why,
    folder,
    command,
  }));
  if (json) console.log(JSON.stringify({ seed, seconds: ms / 1000, ...result, failures }));
  else console.log(summary(result, seed, ms));
}

process.exit(await main());
