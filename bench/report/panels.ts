/** Results sorted into panels: the configurations that are read side by side, each with its invocations. */

import { configKey, heapText, rateText, shareText, wayText } from '../configurations/describe.js';
import { departures, settingTexts } from '../configurations/settings.js';
import { starvedBy } from '../machine/warnings.js';
import { baselineResolution, namesOf, resolutions } from '../options/choices.js';
import { failureOf } from '../results/checks.js';
import {
  type InvocationConfig,
  isOwnLine,
  isPeerConfig,
  isPeerLine,
  isResult,
  type OwnLine,
  type Result,
  type ResultLine,
  type SweepConfig,
} from '../schema/index.js';
import { formatCount, formatDuration, formatSize } from '../sizes.js';
import { type Sample, sampleOf } from '../statistics/sample.js';
import { groupBy } from './group.js';
import { type MetricName, metrics } from './metrics.js';
import { type Cost, floorKey, floorsOf } from './overhead.js';
import { besideKey, type PeerColumn, peerColumns, peerFigures, runtimesOf } from './peer-columns.js';
import { inTableOrder } from './table-order.js';

/** A column of ours, or a peer's. */
export type Column = OwnColumn | PeerColumn;

/** A configuration and what its invocations gave. */
export interface OwnColumn {
  readonly config: InvocationConfig;
  /** What tells it from the other columns of its panel: `continue·bank`, or `4GiB`. */
  readonly label: string;
  /** Invocations that count; failed ones do not. */
  readonly results: readonly Result[];
  readonly peers?: never;
  readonly failed: number;
  /** Why they failed: error codes, each once. */
  readonly reasons: readonly string[];
  /** The least an operation can have cost, over all that did the same work in the same heap. */
  readonly floor?: Cost | undefined;
}

export interface Panel {
  /** What its columns share: `churn at scale 1/8, heap 136MiB, …`. */
  readonly title: string;
  readonly columns: readonly Column[];
}

/**
 * One panel a workload and setting, its columns the ways that were compared; with one way only, one panel a workload,
 * its columns the settings. Panels and columns are in the table's order, whatever that of the lines. Peers come last in
 * every panel that they can stand in, and have panels of their own where there is none.
 */
export function panelsOf(shuffled: readonly ResultLine[]): Panel[] {
  const lines = inTableOrder(shuffled);
  const peers = peerColumns(lines.filter(isPeerLine));
  const panels = ownPanels(lines.filter(isOwnLine), peers.length > 0);
  const beside = (panel: Panel) =>
    peers.filter(({ config }) => besideKey(config) === besideKey(panel.columns[0].config));
  const placed = new Set(panels.flatMap(beside));
  const alone = groupBy(
    peers.filter((column) => !placed.has(column)),
    ({ config }) => besideKey(config),
  );
  const all = [
    ...panels.map((panel) => withPeers(panel, beside(panel))),
    ...[...alone.values()].map((columns) => withPeers(panelTitled(columns), columns)),
  ];
  return withFloors(all, floorsOf(lines));
}

function withFloors(panels: readonly Panel[], floors: ReadonlyMap<string, Cost>): Panel[] {
  return panels.map(({ title, columns }) => ({
    title,
    columns: columns.map((column) => ({ ...column, floor: floors.get(floorKey(column)) })),
  }));
}

function panelTitled([{ config, peers, failed }]: readonly PeerColumn[]): Panel {
  const parts = settingParts(config).filter((part) => part !== '');
  const title = [...parts, plural(peers.length + failed, 'invocation')].join(', ');
  return { title: `${config.workload}: ${title}`, columns: [] };
}

function withPeers({ title, columns }: Panel, peers: readonly PeerColumn[]): Panel {
  if (peers.length === 0) return { title, columns };
  return { title: `${title}; ${runtimesOf(peers)}`, columns: [...columns, ...peers] };
}

function ownPanels(lines: readonly OwnLine[], besidePeers: boolean): Panel[] {
  const configs = groupBy(lines, ({ config }) => configKey(config));
  const ways = new Set(lines.map(({ config }) => wayText(config)));
  const byWay = besidePeers || ways.size > 1;
  const panels = groupBy(configs.values(), ([{ config }]) =>
    byWay ? `${config.workload} ${settingParts(config)}` : config.workload,
  );
  return [...panels.values()].map((columns) => panelOf(columns, byWay));
}

function panelOf(columns: OwnLine[][], byWay: boolean): Panel {
  const ordered = byWay ? [...columns].sort((a, b) => order(a[0].config) - order(b[0].config)) : columns;
  const configs = ordered.map(([{ config }]) => config);
  const settings = configs.map(settingParts);
  const [first] = settings;
  const differing = first.map((_, i) => settings.some((parts) => parts[i] !== first[i]));
  const invocations = Math.max(...columns.map((lines) => lines.length));
  const shared = first.filter((part, i) => part !== '' && !differing[i]);
  const way = byWay || configs.length === 1 ? [] : [wayText(configs[0])];
  const title = [...way, ...shared, plural(invocations, 'invocation')].join(', ');
  const label = (i: number) =>
    spelledOut(configs[i])
      .filter((part, j) => part !== '' && differing[j])
      .join(' ');
  return {
    title: `${configs[0].workload}: ${title}`,
    columns: ordered.map((lines, i) => columnOf(lines, label(i) || wayText(configs[i]))),
  };
}

/** `2 of 3 failed: OUT_OF_MEMORY`; empty when none did. */
export function failuresText(column: Column): string {
  const { failed, reasons } = column;
  return failed === 0 ? '' : `${failed} of ${failed + countOf(column)} failed: ${reasons.join(', ')}`;
}

function order(config: InvocationConfig): number {
  return namesOf(resolutions).indexOf(config.resolution);
}

function columnOf(lines: readonly OwnLine[], label: string): OwnColumn {
  const results = lines.filter(isResult).filter((line) => !failureOf(line));
  const reasons = [...new Set(lines.flatMap((line) => failureOf(line)?.code ?? []))];
  return { config: lines[0].config, label, results, failed: lines.length - results.length, reasons };
}

/** Everything of a configuration but its workload and its way, each part in its place. */
function settingParts(config: SweepConfig): string[] {
  return [
    config.scale === 1 ? '' : `scale ${shareText(config.scale)}`,
    `heap ${heapText(config)}`,
    plural(config.mutators, 'mutator'),
    plural(config.gcWorkers, 'collector worker'),
    config.operations === undefined
      ? `${formatDuration(config.seconds * 1000)}${turnsText(config)}`
      : plural(config.operations, 'operation', formatCount),
    config.quick ? 'quick' : '',
    ...(isPeerConfig(config) ? [] : [rateText(config), ...departures(config)]),
  ];
}

function turnsText(config: SweepConfig): string {
  return isPeerConfig(config) || config.turns === undefined
    ? ''
    : ` in turns of ${formatDuration(config.turns * 1000)}`;
}

/** The same parts, with settings that are as they would be anyway: where columns differ in them, each says its own. */
function spelledOut(config: InvocationConfig): string[] {
  const parts = settingParts(config);
  const texts = settingTexts(config);
  return [...parts.slice(0, parts.length - texts.length), ...texts];
}

function plural(count: number, noun: string, format: (count: number) => string = String): string {
  return `${format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const figures = new WeakMap<Column, Map<MetricName, Sample>>();

/** A figure of a column, over the invocations that count. Made once: its interval takes a millisecond. */
export function figure(column: Column, name: MetricName): Sample {
  const known = figures.get(column) ?? new Map<MetricName, Sample>();
  figures.set(column, known);
  const found =
    known.get(name) ?? sampleOf(valuesOf(column, name), { rounds: roundsOf(column), starved: isStarved(column, name) });
  known.set(name, found);
  return found;
}

function valuesOf({ results, peers, floor }: Column, name: MetricName): number[] {
  if (peers) return peers.map((result) => peerFigures[name]?.(result, floor) ?? Number.NaN);
  return results.map((result) => metrics[name].value(result, floor));
}

function roundsOf({ results, peers }: Column): number[] {
  return (peers ?? results).map(({ invocation }) => invocation);
}

/** What is done in a wall clock's time, and so depends on who else had the processors. */
const inWallTime: readonly MetricName[] = ['operations', 'compaction'];

function isStarved({ results, peers }: Column, name: MetricName): boolean {
  return inWallTime.includes(name) && starvedBy(peers ?? results) !== undefined;
}

/** Invocations of a column that count. */
export function countOf({ results, peers }: Column): number {
  return peers ? peers.length : results.length;
}

/**
 * Which columns of ours are compared with which: every other one with the baseline's, or with the first without a
 * baseline.
 */
export function pairsOf(panel: Panel): (readonly [OwnColumn, OwnColumn])[] {
  const measured = panel.columns.filter((column): column is OwnColumn => column.results.length > 0);
  const base = measured.find(({ config }) => config.resolution === baselineResolution) ?? measured[0];
  return measured.filter((column) => column !== base).map((column) => [column, base] as const);
}

/** Peers that measured something, each with the first column of ours that did. */
export function peerPairsOf(panel: Panel): (readonly [PeerColumn, OwnColumn])[] {
  const base = panel.columns.find((column): column is OwnColumn => column.results.length > 0);
  if (base === undefined) return [];
  return panel.columns.flatMap((column) => (column.peers && column.peers.length > 0 ? [[column, base] as const] : []));
}

/** What a pair is called where there is little room: `continue/copy`, or `bank/remap`, or the whole labels. */
export function pairName([a, b]: readonly [OwnColumn, OwnColumn]): string {
  for (const field of ['resolution', 'delivery', 'flip'] as const) {
    if (a.config[field] !== b.config[field]) return `${a.config[field]}/${b.config[field]}`;
  }
  if (a.config.heapBytes !== b.config.heapBytes) {
    return `${formatSize(a.config.heapBytes)}/${formatSize(b.config.heapBytes)}`;
  }
  return 'ratio';
}
