/** A few plain sentences a workload: which is faster, by how much, and why. Everything follows from the results. */
import { type ResolutionTraits, resolutions } from '../options/choices.js';
import { approximateSize, formatDuration, KiB, significant } from '../sizes.js';
import { isDecided } from '../statistics/paired.js';
import { compare, type Relation } from '../statistics/sample.js';
import { plainStyle, type Style, wrap } from '../style.js';
import { workloadTraits } from '../workloads/table.js';
import { inverse, sureness, undecidedText } from './judgement.js';
import { latencyOfBoth, rateNotKept } from './latency-sentences.js';
import { type Metric, type MetricName, metrics } from './metrics.js';
import { type Column, countOf, figure, type OwnColumn, type Panel, pairsOf, peerPairsOf } from './panels.js';
import { markOf, rangeText, ratioText, tableWidth } from './table.js';

const pageBytes = 4 * KiB;

/** What is said of two columns. In every `x against y`, x is the first one's. */
export interface Comparison {
  /** `continue·bank against copy·remap`. */
  readonly title: string;
  readonly sentences: readonly string[];
}

/** Pairs that are compared at length. What follows them has a line each. */
const pairsAtLength = 2;

/** Every configuration against the baseline; none when there is nothing to compare. */
export function verdict(panel: Panel): Comparison[] {
  const pairs = pairsOf(panel);
  const said = pairs
    .slice(0, pairsAtLength)
    .map(([a, b]) => ({ title: `${a.label} against ${b.label}`, sentences: comparePair(a, b) }));
  const rest = pairs.slice(pairsAtLength).map(([a, b]) => inALine(new Pair(a, b)));
  const others =
    rest.length === 0 ? [] : [{ title: `the others against ${pairs[0][1].label}, as ratios`, sentences: rest }];
  const peers = peerPairsOf(panel);
  if (peers.length === 0) return [...said, ...others];
  const sentences = peers.map(([a, b]) => inALine(new Pair<Column>(a, b), peerRatios));
  return [...said, ...others, { title: `peers against ${peers[0][1].label}, as ratios`, sentences }];
}

const ownRatios: readonly (readonly [MetricName, string])[] = [
  ['batchMax', 'longest batch'],
  ['totalMs', 'a collection'],
  ['pss', 'peak PSS'],
];
const peerRatios: readonly (readonly [MetricName, string])[] = [
  ['batchMax', 'longest batch'],
  ['pauseMax', 'longest pause'],
  ['cpuPerOperation', 'CPU an operation'],
  ['pss', 'peak PSS'],
];

/** `move·remap: throughput 1.10, longest batch 0.91 ≈, a collection 0.85, peak PSS 0.78`. */
function inALine(pair: Pair<Column>, ratios = ownRatios): string {
  const judgedBy = workloadTraits(pair.a.config.workload).judgedBy;
  const first: readonly [MetricName, string] =
    judgedBy === 'operations' ? ['operations', 'throughput'] : ['compaction', 'compaction'];
  const said = [first, ...ratios].flatMap(([name, what]) => {
    const { ratio, outcome } = pair.compare(name);
    return Number.isFinite(ratio) ? [`${what} ${ratioText(ratio)} ${markOf(outcome)}`.trimEnd()] : [];
  });
  return `${pair.a.label}: ${said.join(', ') || 'nothing to compare'}`;
}

/** The verdict as text, a sentence a paragraph, wrapped. */
export function renderVerdict(panel: Panel, style: Style = plainStyle, width: number = tableWidth): string {
  const silent = panel.columns.filter((column) => countOf(column) === 0);
  const lines = silent.map(({ label }) => `${label} has no invocation that counts, so nothing is said of it.`);
  const unkept = panel.columns.map(rateNotKept).filter((sentence) => sentence !== undefined);
  lines.push(...unkept.map((sentence) => wrap(sentence, width, '  ')));
  for (const { title, sentences } of verdict(panel)) {
    lines.push(style.bold(title), ...sentences.map((sentence) => wrap(`• ${sentence}`, width, '  ')));
  }
  return lines.join('\n');
}

function comparePair(a: OwnColumn, b: OwnColumn): string[] {
  const judgedBy = workloadTraits(a.config.workload).judgedBy;
  const pair = new Pair(a, b);
  const throughput = [winner(pair, 'operations', 'operations a second'), whereTimeWent(pair)];
  return [
    ...(judgedBy === 'operations' ? throughput : []),
    latencyOfBoth(pair),
    winner(pair, 'compaction', 'live MB/s compacted'),
    whereCollectionsDiffer(pair),
    publishing(pair),
    copying(pair),
    pauses(pair),
    faults(pair),
    costs(pair),
  ].filter((sentence) => sentence !== undefined);
}

/** Two columns, and the phrases that every sentence is made of. */
class Pair<C extends Column = OwnColumn> {
  constructor(
    readonly a: C,
    readonly b: C,
  ) {}

  median(name: MetricName): [number, number] {
    return [figure(this.a, name).median, figure(this.b, name).median];
  }

  has(name: MetricName): boolean {
    return this.median(name).every(Number.isFinite);
  }

  compare(name: MetricName): Relation {
    return compare(figure(this.a, name), figure(this.b, name));
  }

  /** `12 against 15`, or `12 and 15, a tie`, or `12 and 15, undecided`. */
  both(name: MetricName, unit = ''): string {
    const metric: Metric = metrics[name];
    const [a, b] = this.median(name).map((value) => metric.format(value));
    if (a === b) return `${a}${unit} in both`;
    const open = this.open(name);
    return open ? `${a} and ${b}${unit}, ${open}` : `${a} against ${b}${unit}`;
  }

  /**
   * What may be said instead of which is more; nothing where that is decided, or where nothing is for want of invocations,
   * which the first sentence says once for all.
   */
  open(name: MetricName): 'a tie' | 'undecided' | undefined {
    const { outcome, interval } = this.compare(name);
    if (isDecided(outcome) || !interval) return undefined;
    return outcome === 'tie' ? 'a tie' : 'undecided';
  }

  /** ` (95% intervals 805k–820k and 650k–668k)`, ` (… and … over the invocations)`, or nothing without any spread. */
  ranges(name: MetricName): string {
    const samples = [this.a, this.b].map((column) => figure(column, name));
    const [a, b] = samples.map((sample) => rangeText(metrics[name], sample));
    if (!a && !b) return '';
    const [sureA, sureB] = samples.map(({ interval }) => interval !== undefined);
    const texts = `${a || 'no spread'} and ${b || 'no spread'}`;
    if (sureA && sureB) return ` (95% intervals ${texts})`;
    if (!sureA && !sureB) return ` (${texts} over the invocations)`;
    return ` (${texts}, ${sureA ? 'the first' : 'the second'} a 95% interval, the other least and most)`;
  }
}

/** Who does more of something, how many times as much, or that it is a tie, or why it is not known. */
function winner(pair: Pair, name: 'operations' | 'compaction', unit: string): string | undefined {
  // Nothing measured, or nothing done: fullgc may have no operations, a short run no collection.
  if (!pair.median(name).every((value) => value > 0)) return undefined;
  const relation = pair.compare(name);
  const figures = `${pair.median(name).map(metrics[name].format).join(' against ')} ${unit}${pair.ranges(name)}`;
  const what = name === 'operations' ? 'Throughput' : 'Compaction';
  if (!isDecided(relation.outcome)) return `${what}: ${undecidedText(relation, [pair.a, pair.b])}: ${figures}.`;
  const [fast, times] = relation.outcome === 'more' ? [pair.a, relation] : [pair.b, inverse(relation)];
  return `${what}: ${fast.label} is ${ratioText(times.ratio)} times as fast${sureness(times.interval)}: ${figures}.`;
}

/** What kept mutators from working: the measured losses, the largest difference first. */
function whereTimeWent(pair: Pair): string | undefined {
  const losses = differences(pair, [
    ['faultWaitMs', 'waiting for faults'],
    ['stallMs', 'allocation stalls'],
    ['pausedMs', 'pauses'],
  ]);
  if (losses.length === 0 || !pair.has('operations')) return undefined;
  const listed = losses.map(({ what, a, b }) => `${what} ${both(a, b)}`).join(', ');
  return `Why: mutators lost, per run, to ${listed}; ${explained(pair, losses)}.`;
}

/** How much of the difference in throughput the losses account for. */
function explained(pair: Pair, losses: readonly Difference[]): string {
  const [speedA, speedB] = pair.median('operations');
  const [wallA, wallB] = pair.median('wallMs');
  if (!isDecided(pair.compare('operations').outcome))
    return 'no difference in throughput was shown that they could explain';
  // Time the slower one would have saved, had it done its operations at the other's speed.
  const slower = speedA < speedB ? { wall: wallA, sign: 1 } : { wall: wallB, sign: -1 };
  const lost = slower.wall * (1 - Math.min(speedA, speedB) / Math.max(speedA, speedB));
  // Faults and stalls are waited for by each mutator, pauses by all of them at once.
  const mutators = pair.a.config.mutators;
  const found = losses.reduce((total, { name, a, b }) => {
    const each = name === 'pausedMs' ? 1 : mutators;
    return total + (slower.sign * (a - b)) / each;
  }, 0);
  const share = Math.round((100 * found) / lost);
  if (share >= 95) return 'that is the whole difference in throughput';
  if (share <= 5) return 'that does not explain the difference in throughput: the work itself ran slower or faster';
  return `that is about ${share}% of the difference in throughput, the rest is the speed of the work itself`;
}

interface Difference {
  readonly name: MetricName;
  readonly what: string;
  readonly a: number;
  readonly b: number;
}

/** The named figures of both columns, those that differ most first. */
function differences(pair: Pair, rows: readonly (readonly [MetricName, string])[]): Difference[] {
  return rows
    .filter(([name]) => pair.has(name))
    .map(([name, what]) => ({ name, what, a: pair.median(name)[0], b: pair.median(name)[1] }))
    .sort((x, y) => Math.abs(y.a - y.b) - Math.abs(x.a - x.b));
}

function both(a: number, b: number): string {
  const [first, second] = [formatDuration(a), formatDuration(b)];
  return first === second ? `${first} in both` : `${first} against ${second}`;
}

/** Which phases make one's collections longer: those with at least a tenth of the difference, two at most. */
function whereCollectionsDiffer(pair: Pair): string | undefined {
  if (!pair.has('totalMs')) return undefined;
  const [a, b] = pair.median('totalMs');
  const open = pair.open('totalMs');
  if (!isDecided(pair.compare('totalMs').outcome)) return `A collection takes ${both(a, b)}${open ? `, ${open}` : ''}.`;
  const phases = differences(pair, [
    ['markMs', 'mark'],
    ['remarkMs', 'remark'],
    ['planMs', 'plan'],
    ['flipMs', 'flip'],
    ['compactMs', 'compact'],
    ['reclaimMs', 'reclaim'],
  ]);
  const large = phases.filter((phase) => Math.abs(phase.a - phase.b) >= Math.abs(a - b) / 10).slice(0, 2);
  const listed = large.map((phase) => `${phase.what} (${both(phase.a, phase.b)})`).join(' and ');
  return `A collection takes ${both(a, b)}; what differs most is ${listed}.`;
}

/** The one step in which resolutions differ by nature, and how much of the difference it is. */
function publishing(pair: Pair): string | undefined {
  if (!pair.has('publishNs')) return undefined;
  const { ratio } = pair.compare('publishNs');
  const [a, b] = [pair.a, pair.b].map(({ config }) => resolutions[config.resolution].publishCall);
  const calls = a === b ? a : `${a} against ${b}`;
  const [timeA, timeB] = pair.median('publishMs');
  const outcome = pair.open('publishNs') ?? `ratio ${ratioText(ratio)}`;
  const figures = pair.median('publishNs').map(significant).join(' against ');
  return (
    `Publishing a page in bulk costs ${figures} ns (${calls}; ${outcome}): ` +
    `${both(timeA, timeB)} of a collection${shareOfCompaction(pair, timeA - timeB)}.`
  );
}

/** `, 95% of the difference in the compact phase`: where there is one, and publishing goes the same way. */
function shareOfCompaction(pair: Pair, publishDifference: number): string {
  if (!pair.has('compactMs') || !isDecided(pair.compare('compactMs').outcome)) return '';
  const [a, b] = pair.median('compactMs');
  // Workers publish side by side: what they spend together takes a share of that in wall time.
  const share = Math.round((100 * publishDifference) / pair.a.config.gcWorkers / (a - b));
  if (share < 1) return '';
  return share >= 95 ? ', the whole difference in compact' : `, ${share}% of the difference in compact`;
}

/** What was copied to be published, and what was updated where it lies. */
function copying(pair: Pair): string | undefined {
  if (!pair.has('built')) return undefined;
  const says = [pair.a, pair.b].map((column) => {
    const [built, updated] = (['built', 'updated'] as const).map((name) => figure(column, name).median);
    return `built ${significant(built)} pages, updated ${significant(updated)} in place and ${publishedText(column)}`;
  });
  return `A collection by ${pair.a.label} ${says[0]}; by ${pair.b.label} it ${says[1]}.`;
}

function publishedText(column: OwnColumn): string {
  const traits: ResolutionTraits = resolutions[column.config.resolution];
  if (!traits.faults) return 'had none to publish';
  if (!traits.publishCopies) return 'copied no page to publish it';
  const pages = figure(column, 'published').median;
  return `copied ${significant(pages)} pages (${approximateSize(Math.round(pages) * pageBytes)}) to publish them`;
}

function pauses(pair: Pair): string | undefined {
  if (!pair.has('flipP50')) return undefined;
  return (
    `Pauses: flip p50 ${pair.both('flipP50', ' µs')}, longest ${pair.both('flipMax', ' µs')}; ` +
    `remark p50 ${pair.both('remarkP50', ' µs')}.`
  );
}

function faults(pair: Pair): string | undefined {
  if (!pair.has('serviceP50')) return `Faults: ${pair.both('faults', ' a run')}.`;
  return (
    `Faults: ${pair.both('faults', ' a run')}; service p50 ${pair.both('serviceP50', ' µs')}, ` +
    `p99 ${pair.both('serviceP99', ' µs')}.`
  );
}

function costs(pair: Pair): string {
  const operation = pair.has('cpuPerOperation') ? `an operation ${pair.both('cpuPerOperation', ' µs')}, ` : '';
  const collector = `of the collector ${pair.both('cpuCollector', ' ms a run')}`;
  return `Cost: processor time ${operation}${collector}; peak PSS ${pair.both('pss')}.`;
}
