/** `npm run bench:micro`: costs of single operations. `--json` for programs, `--seconds N` for each benchmark. */
import { complaintLine, exitCodeOf, messageOf, oneLine, usage } from '../errors.js';
import { parseDuration, significant } from '../sizes.js';
import { type ComparedSuite, type CompareOptions, type Comparison, NotHere } from './comparison.js';
import { type MicroResult, runSuite, type Suite } from './harness.js';

const defaultSeconds = 1;
const help = `npm run bench:micro -- [options] [part of a suite's name …]

Measures single operations: mean time an operation and a page, with the 95% margin of the mean. The suite \`limits\`
takes turns with a bare C++ program that does the same: medians over the turns, their ratio, ours over bare, and the
ratio of the best turns.

  --seconds <time>  longest time of a benchmark, such as 2 or 500ms (default: ${defaultSeconds})
  --quick           small sizes and one turn in \`limits\`: shows that it runs, not what it costs
  --json            one JSON object a benchmark
  --help            this
`;

interface Arguments {
  readonly json: boolean;
  readonly help: boolean;
  readonly seconds: number;
  readonly quick: boolean;
  readonly filters: readonly string[];
}

function readArguments(args: readonly string[]): Arguments {
  const filters: string[] = [];
  const found = { json: false, help: false, quick: false, seconds: defaultSeconds };
  for (let i = 0; i < args.length; i++) {
    const [flag, inline] = args[i].split('=', 2);
    if (flag === '--json') found.json = true;
    else if (flag === '--help' || flag === '-h') found.help = true;
    else if (flag === '--quick') found.quick = true;
    else if (flag === '--seconds') found.seconds = parseDuration(inline ?? args[++i] ?? '') / 1000;
    else if (flag.startsWith('-')) throw usage(`unknown option '${flag}'`, 'see npm run bench:micro -- --help');
    else filters.push(flag.toLowerCase());
  }
  return { ...found, filters };
}

async function main(args: readonly string[]): Promise<number> {
  const { json, help: helpWanted, seconds, quick, filters } = readArguments(args);
  if (helpWanted) {
    process.stdout.write(help);
    return 0;
  }
  // Not before the arguments are right: loading the addon may fail, and mistyped options should say so first.
  const { nativeSuites } = await import('./native.js');
  const { heapSuites } = await import('./heap.js');
  const { limitsSuite } = await import('./limits/index.js');
  const suites: readonly (Suite | ComparedSuite)[] = [...nativeSuites, ...heapSuites, limitsSuite];
  const chosen = suites.filter(({ name }) => matches(name, filters));
  if (chosen.length === 0) {
    throw usage(`no suite matches ${filters.join(' ')}`, `there are ${suites.map(({ name }) => name).join(', ')}`);
  }
  let failed = false;
  for (const suite of chosen) {
    const done = 'open' in suite ? runOne(suite, seconds, json) : await compareOne(suite, { seconds, quick }, json);
    failed = !done || failed;
  }
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

/** Runs a suite of comparisons and prints it; false when one failed. */
async function compareOne(suite: ComparedSuite, options: CompareOptions, json: boolean): Promise<boolean> {
  if (!json) process.stdout.write(`${suite.name}\n`);
  let failed = false;
  const tell = (result: Comparison) => {
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${comparisonRow(result)}\n`);
  };
  await suite.compare(options, tell, (name, error) => {
    process.stderr.write(`continuum: ${suite.name}: ${name} left out: ${oneLine(messageOf(error))}\n`);
    failed ||= !(error instanceof NotHere);
  });
  return !failed;
}

function comparisonRow({ name, unit, ours, bare, ratio, ratioOfBest }: Comparison): string {
  const columns = [
    `  ${name}`.padEnd(46),
    `${significant(ours.median)} ${unit}`.padStart(18),
    `  bare ${significant(bare.median)}`.padStart(17),
    ratio.toFixed(2).padStart(8),
    `  best ${ratioOfBest.toFixed(2)}`.padStart(12),
    `${ours.count} ${ours.count === 1 ? 'turn' : 'turns'}`.padStart(12),
  ];
  return columns.join('');
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
