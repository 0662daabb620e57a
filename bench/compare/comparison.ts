/** What two runs of the same configurations say of each other. The terminal and the HTML report show the same data. */

import { configKey, describeConfig } from '../configurations/describe.js';
import { type Metric, type MetricName, metrics } from '../report/metrics.js';
import { peerFigures } from '../report/peer-columns.js';
import { failureOf } from '../results/checks.js';
import { isPeerLine, type PeerResult, type Result, type ResultLine, type SweepConfig } from '../schema/index.js';
import { confidence, type Interval } from '../statistics/bootstrap.js';
import { compare, type Sample, sampleOf } from '../statistics/sample.js';
import { type Difference, differencesOf } from './surroundings.js';

/** Run B against run A: in every ratio B is over A. */
export interface Comparison {
  /** Configurations that are in both, in A's order. */
  readonly configurations: readonly ComparedConfiguration[];
  /** Configurations of one run only, in a few words each. */
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
  readonly family: Family;
  /** What of the environment is not the same: every one may be the cause of what differs. */
  readonly surroundings: readonly Difference[];
}

export interface ComparedConfiguration {
  readonly config: SweepConfig;
  /** In a few words: `javac continue·bank 128MiB`. */
  readonly title: string;
  readonly a: Invocations;
  readonly b: Invocations;
  /** Those of which both have a figure above zero. */
  readonly metrics: readonly ComparedMetric[];
}

export interface Invocations {
  /** Invocations that count. */
  readonly counted: number;
  readonly failed: number;
}

/**
 * `better` and `worse` only where the interval of the ratio excludes 1; `open` where it does not; `too few` where
 * there are not enough invocations for an interval.
 */
export type Outcome = 'better' | 'worse' | 'open' | 'too few';

export interface ComparedMetric {
  readonly name: MetricName;
  /** With its unit, as in the table. `metrics[name].format` writes its values. */
  readonly label: string;
  readonly better: 'more' | 'less';
  readonly a: Sample;
  readonly b: Sample;
  /** B's median over A's. */
  readonly ratio: number;
  /** 95% bootstrap interval of the ratio. */
  readonly interval: Interval | undefined;
  readonly outcome: Outcome;
}

/** How many questions were asked at once, and how many answers chance alone would give. */
export interface Family {
  /** Ratios that have an interval. */
  readonly comparisons: number;
  /** Of them, those whose interval excludes 1. */
  readonly decided: number;
  /** How many would be decided, on average and at most, had nothing changed at all. */
  readonly expectedByChance: number;
  /** Ratios without an interval, for want of invocations. */
  readonly tooFew: number;
}

/** The figures that are judged: those whose spread the table shows. */
export const judgedMetrics: readonly MetricName[] = (Object.keys(metrics) as MetricName[]).filter((name) => {
  const metric: Metric = metrics[name];
  return metric.ranged && metric.better;
});

/** Compares run B with run A; configurations pair where all that was asked for is the same. */
export function compareRuns(a: readonly ResultLine[], b: readonly ResultLine[]): Comparison {
  const [ofA, ofB] = [byConfiguration(a), byConfiguration(b)];
  const configurations = [...ofA].flatMap(([key, lines]) => {
    const others = ofB.get(key);
    return others ? [compareConfiguration(lines, others)] : [];
  });
  const only = (these: Map<string, ResultLine[]>, those: Map<string, ResultLine[]>) =>
    [...these].flatMap(([key, [{ config }]]) => (those.has(key) ? [] : [describeConfig(config)]));
  return {
    configurations,
    onlyInA: only(ofA, ofB),
    onlyInB: only(ofB, ofA),
    family: familyOf(configurations.flatMap((one) => one.metrics)),
    surroundings: differencesOf(a, b),
  };
}

function byConfiguration(lines: readonly ResultLine[]): Map<string, ResultLine[]> {
  const found = new Map<string, ResultLine[]>();
  for (const line of lines) {
    // A heap is as large as it is, whether it was asked for in bytes or as a multiple.
    const { heapTimes: _, ...config } = line.config;
    const key = configKey(config);
    found.set(key, [...(found.get(key) ?? []), line]);
  }
  return found;
}

function compareConfiguration(a: readonly ResultLine[], b: readonly ResultLine[]): ComparedConfiguration {
  const [{ config }] = a;
  const [countedA, countedB] = [a, b].map((lines) => lines.filter(isMeasured).filter((line) => !failureOf(line)));
  return {
    config,
    title: describeConfig(config),
    a: { counted: countedA.length, failed: a.length - countedA.length },
    b: { counted: countedB.length, failed: b.length - countedB.length },
    metrics: judgedMetrics.flatMap((name) => compareMetric(name, countedA, countedB)),
  };
}

type Measured = Result | PeerResult;

function isMeasured(line: ResultLine): line is Measured {
  return 'operations' in line;
}

function figureOf(name: MetricName, result: Measured): number {
  return isPeerLine(result) ? (peerFigures[name]?.(result) ?? Number.NaN) : metrics[name].value(result);
}

function compareMetric(name: MetricName, ofA: readonly Measured[], ofB: readonly Measured[]): ComparedMetric[] {
  const { label, better }: Metric = metrics[name];
  const [a, b] = [ofA, ofB].map((results) => sampleOf(results.map((result) => figureOf(name, result))));
  if (!better || !(a.median > 0 && b.median > 0)) return [];
  const { ratio, interval, outcome: found } = compare(b, a);
  const good = ratio > 1 === (better === 'more');
  const open = found === 'tie' || found === 'undecided';
  const outcome = !interval ? 'too few' : open ? 'open' : good ? 'better' : 'worse';
  return [{ name, label: label.trim(), better, a, b, ratio, interval, outcome }];
}

function familyOf(all: readonly ComparedMetric[]): Family {
  const judged = all.filter(({ interval }) => interval);
  return {
    comparisons: judged.length,
    decided: judged.filter(({ outcome }) => outcome !== 'open').length,
    expectedByChance: (1 - confidence) * judged.length,
    tooFew: all.length - judged.length,
  };
}
