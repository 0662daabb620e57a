/** `npm run bench:micro`: costs of single operations. `--json` for programs, `--seconds N` for each benchmark. */
import { complaintLine, exitCodeOf, messageOf, oneLine, usage } from '../errors.js';
import { parseDuration, significant } from '../sizes.js';
import { type MicroResult, runSuite, type Suite } from './harness.js';

const defaultSeconds = 1;
const help = `npm run bench:micro -- [options] [part of a suite's name …]

Measures single operations: mean time an operation and a page, with the 95% margin of the mean.

  --seconds <time>  longest time of a benchmark, such as 2 or 500ms (default: ${defaultSeconds})
  --json            one JSON object a benchmark
  --help            this
`;

interface Arguments {
  readonly json: boolean;
  readonly help: boolean;
  readonly seconds: number;
  readonly filters: readonly string[];
}

function readArguments(args: readonly string[]): Arguments {
  const filters: string[] = [];
  const found = { json: false, help: false, seconds: defaultSeconds };
  for (let i = 0; i < args.length; i++) {
    const [flag, inline] = args[i].split('=', 2);
    if (flag === '--json') found.json = true;
    else if (flag === '--help' || flag === '-h') found.help = true;
    else if (flag === '--seconds') found.seconds = parseDuration(inline ?? args[++i] ?? '') / 1000;
    else if (flag.startsWith('-')) throw usage(`unknown option '${flag}'`, 'see npm run bench:micro -- --help');
    else filters.push(flag.toLowerCase());
  }
  return { ...found, filters };
}

async function main(args: readonly string[]): Promise<number> {
  const { json, help: helpWanted, seconds, filters } = readArguments(args);
  if (helpWanted) {
    process.stdout.write(help);
    return 0;
  }
  // Not before the arguments are right: loading the addon may fail, and mistyped options should say so first.
  const { nativeSuites } = await import('./native.js');
  const { heapSuites } = await import('./heap.js');
  const suites = [...nativeSuites, ...heapSuites];
  const chosen = suites.filter(({ name }) => matches(name, filters));
  if (chosen.length === 0) {
    throw usage(`no suite matches ${filters.join(' ')}`, `there are ${suites.map(({ name }) => name).join(', ')}`);
  }
  let failed = false;
  for (const suite of chosen) failed = !runOne(suite, seconds, json) || failed;
  return failed ? 1 : 0;
}

function matches(name: string, filters: readonly string[]): boolean {
  return filters.length === 0 || filters.some((filter) => name.toLowerCase().includes(filter));
}

/** Runs a suite and prints it; false when it could not be set up. */
function runOne(suite: Suite, seconds: number, json: boolean): boolean {
  if (!json) process.stdout.write(`${suite.name}\n`);
  const skipped = runSuite(suite, seconds, (result) => {
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${row(result)}\n`);
  });
  if (skipped) process.stderr.write(`continuum: ${suite.name} left out: ${oneLine(messageOf(skipped.error))}\n`);
  return !skipped;
}

function row({ name, nsPerOperation, nsPerPage, marginPercent, samples }: MicroResult): string {
  const columns = [
    `  ${name}`.padEnd(40),
    `${significant(nsPerOperation)} ns`.padStart(14),
    (nsPerPage === undefined ? '' : `${significant(nsPerPage)} ns a page`).padStart(18),
    `±${marginPercent.toFixed(1)}%`.padStart(9),
    `${samples} samples`.padStart(13),
  ];
  return columns.join('').trimEnd();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${complaintLine(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
