/** The command line: commands, options and help, all from the tables; every error one line. */
import { existsSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { limitBehind } from '../native/limits.js';
import { benchCommand, type Surroundings, startCommand, startDefaults } from './commands/bench.js';
import { type CompareOptions, compareCommand } from './commands/compare.js';
import { graphImportCommand, graphInfoCommand, type ImportTyped } from './commands/graph.js';
import { kickTheTires } from './commands/kick-the-tires.js';
import { minheapCommand, minheapDefaults, minheapOptions } from './commands/minheap.js';
import { probeCommand } from './commands/probe.js';
import { type ReportTyped, reportCommand } from './commands/report.js';
import { type TraceOptions, traceCommand } from './commands/trace.js';
import {
  Complaint,
  codeOf,
  complaintLine,
  exitCodeOf,
  exitCodes,
  hintOf,
  messageOf,
  oneLine,
  usage,
} from './errors.js';
import { type OptionName, optionTable, specOf, type TypedOptions } from './options/options.js';
import { packageVersion } from './package.js';
import { whyUnwritable } from './results/results.js';

const benchOptions = Object.keys(optionTable) as OptionName[];
const startOptions: readonly OptionName[] = [
  'seconds',
  'invocations',
  'turns',
  'gcWorkers',
  'seed',
  'out',
  'resume',
  'dryRun',
  'quick',
  'json',
];

const tiresOptions: readonly OptionName[] = ['seed', 'out'];

const programText = `
Examples:
  continuum kick-the-tires                         does it work here, in a minute or two
  continuum start                                  the comparison: javac and churn, both ways
  continuum probe                                  what this kernel and this user can do
  continuum bench --workload churn --heap 1088MiB  one workload, every resolution

Exit codes: 0 done, 1 a run or a command failed, 2 asked wrongly, 130 interrupted.
Set CONTINUUM_DEBUG=1 to see where an error comes from.`;

const benchText = `
Lists (continue,copy) are swept, the invocations interleaved; 'all' stands for every name.
What does not go together is left out, and it is said why. stw has neither delivery nor flip: it runs once.
Invocations run in rounds, each with every configuration once, in an order that follows from the seed. With --turns the
ways of a round stand side by side and are measured in turns, which is what a noisy machine needs. The sweep is kept
beside its result lines: --resume runs what a killed one still lacks.
Settings that are not given are the collector's own.
Sizes are powers of two (64MiB, 4GiB); times are seconds, or like 500ms, 20s, 2min.

Examples:
  continuum bench --workload churn --resolution continue,copy --heap 1088MiB
  continuum bench --workload javac --resolution continue --flip bank,remap --invocations 10
  continuum bench --workload javac,churn --resolution all --delivery handler,signal
  continuum bench --workload churn --scale 1/8 --seconds 5 --turns 500ms --invocations 12
  continuum bench --workload hammer --resolution continue --publish eager,lazy
  continuum bench --workload pages --resolution continue,copy --references 0,1,16,128,1000
  continuum bench --graph app.heapgraph --operations 2e6
  continuum bench --workload fullgc --scale 1/4 --gc-workers 1 --json > fullgc.jsonl
  continuum bench --workload churn,fullgc --scale 1/8 --peer g1,zgc,shenandoah,v8
  continuum bench --workload churn --heap 1.3x,2x,3x --invocations 20 --dry-run
  continuum bench --resume results
  continuum bench --workload all --quick`;

const startText = `
Runs javac and churn (scaled), continue against copy, in turns, and ends in a table and a line each that says which is
faster and by how much, with its 95% interval: or that it is undecided, why, and how many --invocations would tell.
Takes under five minutes on two cores, and begins nothing that would take longer unless --invocations is given; with
--quick under one.

Examples:
  continuum start
  continuum start --quick`;

const minheapText = `
Bisects in steps of 1MiB, by short invocations that come to their end or run out of memory. There is one smallest heap
a workload, scale and number of mutators, that of one collector, and it is kept in minheap.json in the folder of the
results: with --heap 1.3x,2x,3x every way then gets the same heap, and one that needs more shows it by failing.

Examples:
  continuum minheap --workload churn --scale 1/8
  continuum bench --workload churn --scale 1/8 --heap 1.3x,2x,3x --resolution all`;
const tiresText = `
Three steps, each of which says what it does and what to expect, and ends with PASS or FAIL: a probe, a verified
collection by every legal pair of resolution, delivery and flip, and a report. About a minute on two cores, five at most.

Example:
  npm run kick-the-tires`;

const probeText = `
Exits with 0 when a heap can be compacted by continue or by copy here, with 1 otherwise.

Examples:
  continuum probe
  continuum probe --json`;

const reportText = `
Everything is in the one file: it opens without a network, and can be sent to others together with the results it links to.

Examples:
  continuum report results/20260102T030405Z-a1b2c3.jsonl
  continuum report results -o churn.html`;

const compareText = `
Pairs the configurations that are in both and says of each figure B over A, its 95% interval over the invocations,
and a verdict where the interval allows one. Exits with 0 whatever it finds.

Examples:
  continuum compare before.jsonl after.jsonl
  continuum compare results-before results-after --html compare.html`;

const importText = `
Reads HPROF of a JVM (jcmd PID GC.heap_dump dump.hprof) and of Android, and heap snapshots of V8, as they are, compressed
by gzip (or zstd, on Node 22.15 and later) or from a pipe, and writes a compact graph: sizes, references, and which bytes
hold references; no contents. A copy of what is compressed or piped is kept in TMPDIR meanwhile.
A graph holds 33,554,432 objects: of a larger dump --sample takes a part, subtrees that the seed draws, each whole.

Examples:
  continuum graph import dump.hprof -o javac.heapgraph
  continuum graph import Heap.heapsnapshot -o app.heapgraph --sample 1/8
  unzip -p dump.zip | continuum graph import - -o app.heapgraph`;

const traceText = `
continuum bench --trace writes one beside the results, for each invocation.

Examples:
  continuum trace results/20261121T120000Z-a1b2c3-1.trace
  continuum trace results/20261121T120000Z-a1b2c3-1.trace --perfetto trace.json`;

const infoText = `
Of a heap dump it tells what the graph would be, without writing it.

Examples:
  continuum graph info javac.heapgraph --json
  continuum graph info Heap.heapsnapshot`;

/**
 * Runs the command line and answers the exit code: 0 done, 1 something failed, 2 asked wrongly, 130 interrupted.
 * `argv` is without the program's name.
 */
export async function main(argv: readonly string[], surroundings?: Surroundings): Promise<number> {
  process.stdout.on('error', quitUnheard);
  process.stderr.on('error', () => process.exit(exitCodes.failed));
  process.on('SIGXFSZ', () => {}); // and the write answers EFBIG, which can be told
  let code: number = exitCodes.ok;
  const program = build(surroundings, (answer) => {
    code = answer;
  });
  try {
    if (argv.length === 0) throw usage('no command given', 'try continuum start, or continuum --help');
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) return complain(error);
    return error.exitCode === 0 ? exitCodes.ok : complain(translated(error, argv));
  }
}

/**
 * `continuum bench --json | head -1`: whoever reads us is gone, so there is nobody left to measure for. Anything else that
 * keeps the output from being written is said, once; what has been measured is in its file.
 */
function quitUnheard(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') {
    const hint = 'make room there, or send it elsewhere; results that were measured are in their file';
    process.stderr.write(
      `${complaintLine(new Complaint('UNWRITABLE', `cannot write to standard output: ${whyUnwritable(error)}`, hint))}\n`,
    );
  }
  process.exit(exitCodes.failed);
}

/** @throws Complaint where the kernel cannot be asked anything. */
function requireProc(): void {
  if (existsSync('/proc/self/stat')) return;
  throw new Complaint('NO_PROC', 'there is no /proc, through which the kernel is asked', 'mount -t proc proc /proc');
}

/** The line for an error; for one nobody foresaw, where to look. */
function complain(thrown: unknown): number {
  const error = explained(thrown);
  const line = isForeseen(error)
    ? complaintLine(error)
    : `${complaintLine(`internal error: ${messageOf(error)}`)}; set CONTINUUM_DEBUG=1 to see where it comes from`;
  process.stderr.write(`${line}\n`);
  if (process.env.CONTINUUM_DEBUG === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exitCodeOf(error);
}

/** One of the system's limits is behind it, and says what to do. */
function explained(error: unknown): unknown {
  if (hintOf(error) !== undefined) return error;
  const limit = limitBehind(`${codeOf(error, '')} ${messageOf(error)}`);
  if (limit === undefined || messageOf(error).includes('ulimit')) return error;
  return new Complaint(codeOf(error, 'LIMIT'), messageOf(error), limit, exitCodeOf(error));
}

/** Errors made for the reader have a code, a hint, a name of their own, or begin as ours do (a missing addon). */
function isForeseen(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const known = hintOf(error) !== undefined || 'code' in error || error.message.startsWith('continuum: ');
  return known || !/^(Type|Range|Reference|Syntax)?Error$/.test(error.name);
}

/** Commander's own complaints, which take several lines, in the shape of ours. */
function translated(error: CommanderError, argv: readonly string[]): unknown {
  const [, message, suggestion] =
    /^(?:error: )?([\s\S]*?)(?:\n\(Did you mean ([\s\S]*)\?\))?$/.exec(error.message) ?? [];
  const command = argv.filter((word) => /^[a-z][a-z-]*$/.test(word)).slice(0, argv[0] === 'graph' ? 2 : 1);
  const known = error.code === 'commander.unknownCommand' ? '' : `${command.join(' ')} `;
  const hint = suggestion ? `did you mean ${suggestion}?` : `see continuum ${known}--help`;
  return usage(oneLine(message || 'the command is incomplete'), hint);
}

function build(surroundings: Surroundings | undefined, answer: (code: number) => void): Command {
  const program = new Command('continuum')
    .description('Concurrent heap compaction driven by page faults: UFFDIO_CONTINUE against UFFDIO_COPY, measured.')
    .version(packageVersion, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .addHelpText('after', programText);

  // The addon is loaded only by the commands that need it: help and mistyped options work without it.
  const here = async () => {
    requireProc();
    return surroundings ?? (await import('./commands/surroundings.js')).realSurroundings;
  };

  const start = program.command('start').description('the comparison, in minutes: javac and churn, continue and copy');
  addOptions(start, startOptions, {
    seconds: `${startDefaults.seconds}; 2 with --quick`,
    invocations: `${startDefaults.invocations}; 1 with --quick`,
    turns: startDefaults.turns,
  })
    .addHelpText('after', startText)
    .action(async (typed: TypedOptions) => answer(await startCommand(typed, here)));

  const bench = program.command('bench').description('run workloads in every combination of the options');
  addOptions(bench, benchOptions)
    .addHelpText('after', benchText)
    .action(async (typed: TypedOptions) => answer(await benchCommand(typed, here)));

  const minheap = program.command('minheap').description('find the smallest heap of a workload, for --heap 2x');
  addOptions(minheap, minheapOptions, { workload: 'javac,churn', ...minheapDefaults })
    .addHelpText('after', minheapText)
    .action(async (typed: TypedOptions) => answer(await minheapCommand(typed, here)));
  const tires = program.command('kick-the-tires').description('does it work here: a verified collection by every way');
  addOptions(tires, tiresOptions)
    .addHelpText('after', tiresText)
    .action(async (typed: TypedOptions) => answer(await kickTheTires(typed, here)));

  program
    .command('probe')
    .description('what this kernel and this user can do, and what to change')
    .option('--json', 'print it as JSON')
    .addHelpText('after', probeText)
    .action(async ({ json }: { json?: boolean }) => {
      requireProc();
      answer(await probeCommand(json === true));
    });

  program
    .command('report')
    .description('results as one HTML file: comparison, curves, phases, figures')
    .argument('<results...>', 'results files, or folders of them')
    .option('-o, --out <file>', 'the HTML file to write (default: beside the first, report.html in a folder)')
    .option('--cycles <count>', 'collections of each trace to play back (default: 3)')
    .addHelpText('after', reportText)
    .action((paths: string[], typed: ReportTyped) => answer(reportCommand(paths, typed)));

  program
    .command('compare')
    .description('two runs: what changed from A to B, and how sure that is')
    .argument('<A>', 'results file, or folder of them')
    .argument('<B>', 'the other one')
    .option('--json', 'print it as JSON')
    .option('--html <file>', 'write it as one HTML file as well')
    .addHelpText('after', compareText)
    .action((a: string, b: string, options: CompareOptions) => answer(compareCommand(a, b, options)));

  program
    .command('trace')
    .description('what a trace file says; or the same for ui.perfetto.dev')
    .argument('<file>', 'the trace file')
    .option('--perfetto <out.json>', 'write it as JSON that ui.perfetto.dev and chrome://tracing open')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', traceText)
    .action(async (file: string, options: TraceOptions) => answer(await traceCommand(file, options)));

  addGraph(program, answer);
  return program;
}

function addGraph(program: Command, answer: (code: number) => void): void {
  const graph = program.command('graph').description('heap graphs, made from heap dumps');
  graph
    .command('import')
    .description('turn a heap dump into a graph file: HPROF, or a heap snapshot of V8')
    .argument('<dump>', 'the heap dump; - is standard input')
    .requiredOption('-o, --out <file>', 'the graph file to write')
    .option('--dump <number>', 'which dump of a file that holds several (default: 1)')
    .option('--sample <part>', 'take a part only: a share such as 1/8, or a number of objects such as 1e6')
    .option('--seed <number>', 'what the sample is drawn by (default: 1)')
    .addHelpText('after', importText)
    .action(async (dump: string, typed: ImportTyped) => answer(await graphImportCommand(dump, typed)));
  graph
    .command('info')
    .description('what is in a graph file, or would be in that of a heap dump')
    .argument('<file>', 'the graph file or heap dump')
    .option('--json', 'print it as JSON')
    .addHelpText('after', infoText)
    .action(async (file: string, { json }: { json?: boolean }) => answer(await graphInfoCommand(file, json === true)));
}

function addOptions(
  command: Command,
  names: readonly OptionName[],
  defaults: Partial<Record<OptionName, string>> = {},
): Command {
  for (const name of names) command.addOption(commanderOption(name, defaults[name]));
  return command;
}

/** An option as commander shows it. It only collects what was typed; `readOptions` reads and validates. */
function commanderOption(name: OptionName, defaultDoc?: string): Option {
  const { flag, placeholder, doc, list, words, ...rest } = specOf(name);
  const choices = words ? `: ${words.join(', ')}` : '';
  const help = `${doc}${choices} (default: ${defaultDoc ?? rest.defaultDoc})`;
  if (!placeholder) return new Option(`--${flag}`, help);
  const option = new Option(`--${flag} <${placeholder}${list ? ',…' : ''}>`, help);
  return option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
}
