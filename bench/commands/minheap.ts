/** `continuum minheap`: the smallest heap in which a workload comes to its end, by bisection, in steps of a MiB. */
import { totalmem } from 'node:os';
import { relative } from 'node:path';
import { expand } from '../configurations/configurations.js';
import { describeConfig, shareText, wayText } from '../configurations/describe.js';
import { keepMinimum, keyOf, type Minimum, minimumHeapsFile } from '../configurations/minimum-heaps.js';
import { Complaint, exitCodes, usage } from '../errors.js';
import { type OptionName, type Options, readOptions, type TypedOptions } from '../options/options.js';
import { ownSettingNames } from '../options/setting-names.js';
import type { InvocationConfig } from '../schema/index.js';
import { formatSize, MiB } from '../sizes.js';
import { type ChildOutcome, runInvocation } from '../sweep/child.js';
import { Interruption } from '../sweep/interruption.js';
import { Progress } from '../sweep/progress.js';
import { deadlineMs } from '../sweep/sweep.js';
import { minimumHeapBytes, workloadTraits } from '../workloads/table.js';
import type { World } from './bench.js';
import { smallestPassing } from './bisection.js';

export const minheapOptions: readonly OptionName[] = [
  ...(['workload', 'scale', ...ownSettingNames, 'resolution', 'delivery', 'flip', 'mutators', 'gcWorkers'] as const),
  ...(['seconds', 'invocations', 'seed', 'out', 'quick', 'json'] as const),
];

/** Short runs: a heap that is too small shows at once. Two of each size, because which one is, is a matter of chance. */
export const minheapDefaults = { resolution: 'continue', seconds: '2', invocations: '2' } as const;

/** Nothing smaller is a heap. */
const leastMiB = 8;

/** What an invocation may end by in a heap that is large enough: it measured, if nothing that counts in a comparison. */
const harmless: ReadonlySet<string> = new Set(['NO_COMPACTION', 'NEVER_FAULTED']);
const tooSmall: ReadonlySet<string> = new Set(['OUT_OF_MEMORY', 'DEADLINE']);

/**
 * Finds and keeps every minimum that was asked for; answers the exit code.
 * @throws Complaint when one cannot be found or kept, or when it is interrupted: what was found before stays.
 */
export async function minheapCommand(typed: TypedOptions, world: World): Promise<number> {
  const given = Object.entries(minheapDefaults).map(([name, value]) => [name, [value]] as const);
  const options = readOptions({ ...Object.fromEntries(given), ...typed });
  const configs = configsOf(options);
  const surroundings = await world();
  await surroundings.preflight(configs);
  const { commit } = (await surroundings.environment())();
  const file = minimumHeapsFile(options.out);
  const progress = new Progress();
  const interruption = new Interruption();
  try {
    for (const config of configs) {
      const search = new Search(config, options.invocations, surroundings.script, progress, interruption.signal);
      const heapBytes = await search.smallest();
      if (heapBytes === undefined) throw nothingFits(config);
      const { resolution, delivery, flip, gcWorkers, seconds, seed } = config;
      const minimum: Minimum = {
        ...{ ...keyOf(config), heapBytes, resolution, delivery, flip, gcWorkers, seconds, seed },
        ...{ invocations: options.invocations, foundAt: new Date().toISOString(), commit },
      };
      keepMinimum(file, minimum);
      process.stdout.write(options.json ? `${JSON.stringify(minimum)}\n` : `${inWords(minimum, file)}\n`);
    }
  } finally {
    interruption.release();
    progress.clear();
  }
  return exitCodes.ok;
}

/** One configuration for each minimum. */
function configsOf(options: Options): InvocationConfig[] {
  const { configs } = expand({ ...options, workload: options.workload ?? ['javac', 'churn'] });
  const keys = configs.map((config) => JSON.stringify(keyOf(config)));
  if (new Set(keys).size < keys.length) {
    throw usage(
      'a workload has one smallest heap, whatever collects it, so that all get the same heap',
      'name one --resolution, --delivery, --flip and --gc-workers',
    );
  }
  return configs.map((config) => ({ ...config, quick: true })); // for the short warm-up
}

class Search {
  private tried = 0;

  constructor(
    private readonly config: InvocationConfig,
    private readonly invocations: number,
    private readonly script: string,
    private readonly progress: Progress,
    private readonly signal: AbortSignal,
  ) {}

  /** Bytes; undefined where nothing that the machine has is enough. */
  async smallest(): Promise<number | undefined> {
    const { workload, scale } = this.config;
    // Half of what is live is not enough for it, however rough the table's figure is.
    const live = Math.floor(workloadTraits(workload).liveBytes(scale) / 2 / MiB);
    const bracket = {
      tooSmall: Math.max(leastMiB - 1, live),
      guess: minimumHeapBytes(workload, scale) / MiB,
      most: Math.floor(totalmem() / 2 / MiB),
    };
    const found = await smallestPassing(bracket, (size, left) => this.fits(size * MiB, left));
    return found === undefined ? undefined : found * MiB;
  }

  private async fits(heapBytes: number, left: number): Promise<boolean> {
    const config = { ...this.config, heapBytes };
    let why: string | undefined;
    for (let invocation = 0; invocation < this.invocations && why === undefined; invocation++) {
      this.progress.begin(this.tried, this.tried + 1 + left, describeConfig(config));
      const outcome = await runInvocation(config, {
        script: this.script,
        deadlineMs: deadlineMs(config),
        signal: this.signal,
        onProgress: ({ phase, fraction, text }) => this.progress.update(phase, fraction, text),
      });
      why = whyTooSmall(outcome, config);
    }
    this.progress.end(why === undefined ? 'large enough' : `too small: ${why}`);
    this.tried++;
    return why === undefined;
  }
}

/**
 * Undefined when the invocation came to its end.
 * @throws Complaint when it was interrupted, or failed for a reason that no heap mends.
 */
function whyTooSmall(outcome: ChildOutcome, config: InvocationConfig): string | undefined {
  if (outcome.kind === 'aborted') {
    const kept = 'interrupted; smallest heaps found before are kept';
    throw new Complaint('INTERRUPTED', kept, undefined, exitCodes.interrupted);
  }
  const { error } = outcome;
  if (error === undefined || harmless.has(error.code)) return undefined;
  if (tooSmall.has(error.code)) return error.code;
  throw new Complaint(error.code, `${describeConfig(config)}: ${error.message}`, error.hint ?? 'run it by itself');
}

function nothingFits({ workload, scale }: InvocationConfig): Complaint {
  const half = formatSize(Math.floor(totalmem() / 2 / MiB) * MiB);
  const what = `${workload} at scale ${shareText(scale)}`;
  return new Complaint('NO_MINIMUM', `${what} does not run in half of this machine's memory, ${half}`, smaller);
}

const smaller = 'use a smaller --scale';

function inWords({ workload, scale, mutators, heapBytes, invocations, ...way }: Minimum, file: string): string {
  const threads = mutators === 1 ? '' : ` with ${mutators} mutators`;
  const runs = invocations === 1 ? '1 invocation' : `${invocations} invocations`;
  return (
    `${workload} at scale ${shareText(scale)}${threads}: ${formatSize(heapBytes)} is the smallest heap in which ` +
    `${runs} by ${wayText(way)} came to their end; kept in ${relative(process.cwd(), file)} for --heap 1.3x,2x,3x`
  );
}
