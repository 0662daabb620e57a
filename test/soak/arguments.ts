/** The command line. */
import { parseArgs } from 'node:util';

export interface Arguments {
  readonly help: boolean;
  readonly json: boolean;
  readonly minutes: number;
  readonly seed: number;
  /** Rounds at most. */
  readonly rounds: number;
  /** What the description of a round must have in it to be performed. */
  readonly only: readonly string[];
  /** Where folders of rounds that failed go; one of its own in the system's folder for such things, unless said. */
  readonly out: string | undefined;
  readonly watchdogSeconds: number;
  /** Settings of rounds to perform in place of drawn ones, and how often. */
  readonly repeat: string | undefined;
  readonly times: number;
}

export const HELP = `npm run soak -- [options]

Mixes workloads, stress programs, ways to compact, policies and injected faults at random, and looks for heaps that are
not what they must be, hangs and leaks. Rounds run one at a time, some in a process of their own, the others one after
another in one that lives long. Ends with 0 when nothing was found, with 1 when something was, with 130 on Ctrl-C.

  --minutes N     how long (2)
  --rounds N      and how many rounds at most
  --seed S        of all that is drawn (the time)
  --only A,B,…    only rounds whose description has all of these in it ("continue × handler × remap,poison")
  --json          the summary as one JSON object on standard output
  --out DIR       where a round that failed leaves its folder: settings, command to repeat it, output, state of the heap
  --watchdog S    seconds without progress that are a hang (60)
  --repeat FILE   performs the rounds of a settings.json, one after another in one process
  --times N       as often as that, or until one fails (1)
  --help
`;

/** Throws RangeError or TypeError for what cannot be. */
export function readArguments(args: readonly string[], now = Date.now()): Arguments {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ help: flag, json: flag, minutes: text, rounds: text, seed: text, out: text },
      ...{ watchdog: text, repeat: text, times: text, only: text },
    },
  });
  return {
    ...{ help: values.help, json: values.json, out: values.out, repeat: values.repeat },
    only: values.only === undefined ? [] : values.only.split(',').map((part) => part.trim()),
    minutes: read('minutes', values.minutes, 2),
    rounds: whole('rounds', values.rounds, Number.MAX_SAFE_INTEGER),
    seed: whole('seed', values.seed, now % 2 ** 31),
    watchdogSeconds: read('watchdog', values.watchdog, 60),
    times: whole('times', values.times, 1),
  };
}

function read(name: string, text: string | undefined, fallback: number): number {
  const number = text === undefined ? fallback : Number(text);
  if (!(number > 0) || !Number.isFinite(number))
    throw new RangeError(`--${name} takes a number above 0, not '${text}'`);
  return number;
}

function whole(name: string, text: string | undefined, fallback: number): number {
  const number = text === undefined ? fallback : Number(text);
  if (text?.trim() === '' || !Number.isSafeInteger(number) || number < 0) {
    throw new RangeError(`--${name} takes a whole number, not '${text}'`);
  }
  return number;
}
