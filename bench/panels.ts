/** Results sorted into panels: the configurations that are read side by side, each with its invocations. */
import { failureOf } from './checks.js';
import { baselineResolution, namesOf, resolutions } from './choices.js';
import { configKey, rateText, shareText, wayText } from './configurations.js';
import { type MetricName, metrics } from './metrics.js';
import { type InvocationConfig, isResult, type Result, type ResultLine } from './schema.js';
import { departures, settingTexts } from './settings.js';
import { formatDuration, formatSize } from './sizes.js';
import { type Spread, spreadOf } from './statistics.js';

/** A configuration and what its invocations gave. */
export interface Column {
  readonly config: InvocationConfig;
  /** What tells it from the other columns of its panel: `continue·bank`, or `4GiB`. */
  readonly label: string;
  /** Invocations that count; failed ones do not. */
  readonly results: readonly Result[];
  readonly failed: number;
}

export interface Panel {
  /** What its columns share: `churn at scale 1/8, heap 136MiB, …`. */
  readonly title: string;
  readonly columns: readonly Column[];
}

/**
 * One panel a workload and setting, its columns the ways that were compared; with one way only, one panel a workload,
 * its columns the settings. Panels and columns are in the order in which the lines came.
 */
export function panelsOf(lines: readonly ResultLine[]): Panel[] {
  const configs = new Map<string, ResultLine[]>();
  for (const line of lines) push(configs, configKey(line.config), line);
  const ways = new Set(lines.map(({ config }) => wayText(config)));
  const panels = new Map<string, ResultLine[][]>();
  for (const invocations of configs.values()) {
    const { config } = invocations[0];
    push(panels, ways.size > 1 ? `${config.workload} ${settingParts(config)}` : config.workload, invocations);
  }
  return [...panels.values()].map((columns) => panelOf(columns, ways.size > 1));
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

function panelOf(columns: ResultLine[][], byWay: boolean): Panel {
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

function order(config: InvocationConfig): number {
  return namesOf(resolutions).indexOf(config.resolution);
}

function columnOf(lines: readonly ResultLine[], label: string): Column {
  const results = lines.filter(isResult).filter((line) => !failureOf(line));
  return { config: lines[0].config, label, results, failed: lines.length - results.length };
}

/** Everything of a configuration but its workload and its way, each part in its place. */
function settingParts(config: InvocationConfig): string[] {
  return [
    config.scale === 1 ? '' : `scale ${shareText(config.scale)}`,
    `heap ${formatSize(config.heapBytes)}`,
    plural(config.mutators, 'mutator'),
    plural(config.gcWorkers, 'collector worker'),
    formatDuration(config.seconds * 1000),
    config.quick ? 'quick' : '',
    rateText(config),
    ...departures(config),
  ];
}

/** The same parts, with settings that are as they would be anyway: where columns differ in them, each says its own. */
function spelledOut(config: InvocationConfig): string[] {
  const parts = settingParts(config);
  const texts = settingTexts(config);
  return [...parts.slice(0, parts.length - texts.length), ...texts];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A figure of a column, over the invocations that count. */
export function figure(column: Column, name: MetricName): Spread {
  return spreadOf(column.results.map((result) => metrics[name].value(result)));
}

/** Which columns are compared with which: every other one with the baseline's, or with the first without a baseline. */
export function pairsOf(panel: Panel): (readonly [Column, Column])[] {
  const measured = panel.columns.filter((column) => column.results.length > 0);
  const base = measured.find(({ config }) => config.resolution === baselineResolution) ?? measured[0];
  return measured.filter((column) => column !== base).map((column) => [column, base] as const);
}

/** What a pair is called where there is little room: `continue/copy`, or `bank/remap`, or the whole labels. */
export function pairName([a, b]: readonly [Column, Column]): string {
  for (const field of ['resolution', 'delivery', 'flip'] as const) {
    if (a.config[field] !== b.config[field]) return `${a.config[field]}/${b.config[field]}`;
  }
  if (a.config.heapBytes !== b.config.heapBytes) {
    return `${formatSize(a.config.heapBytes)}/${formatSize(b.config.heapBytes)}`;
  }
  return 'ratio';
}
