/**
 * What others' tools read of the latencies: HdrHistogram logs (format 1.3, histograms in its compressed V2 encoding),
 * which HistogramLogProcessor and the log analyser open, and one CSV with both by percentile. Values in a log are
 * nanoseconds; the column of maxima is in milliseconds, HdrHistogram's own habit.
 */
import { build, HistogramLogWriter } from 'hdr-histogram-js';
import type { FileTexts } from '../schema/protocol.js';
import type { LatencyCounts } from './counts.js';
import { curveShares } from './quantiles.js';

/** When the measured period was. */
export interface Span {
  /** ms since 1970. */
  readonly startedAt: number;
  readonly ms: number;
}

/** The contents of the files of a run. */
export function latencyFiles(simple: LatencyCounts, metered: LatencyCounts, span: Span): FileTexts {
  return {
    hdrSimple: hdrLog('simple latency, from the start of a request to its end', simple, span),
    hdrMetered: hdrLog('metered latency, from when a request was due to its end', metered, span),
    latencyCsv: csv(simple, metered),
  };
}

/** A log of one interval. */
export function hdrLog(title: string, counts: LatencyCounts, { startedAt, ms }: Span): string {
  const histogram = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3, autoResize: true });
  for (const [ns, count] of counts.entries()) histogram.recordValueWithCount(ns, count);
  let text = '';
  const writer = new HistogramLogWriter((part) => {
    text += part;
  });
  writer.outputComment(`[${title}; nanoseconds]`);
  writer.outputLogFormatVersion();
  const seconds = (startedAt / 1000).toFixed(3);
  writer.outputComment(`[StartTime: ${seconds} (seconds since epoch), ${new Date(startedAt).toUTCString()}]`);
  writer.outputLegend();
  writer.outputIntervalHistogram(histogram, 0, ms / 1000, 1e6);
  return text;
}

/** `percentile,simple_us,metered_us`: the points of the curves, and the longest as the 100th percentile. */
export function csv(simple: LatencyCounts, metered: LatencyCounts): string {
  const us = (counts: LatencyCounts, share: number) => (counts.percentileNs(share) / 1000).toFixed(3);
  const rows = [...curveShares(simple.count), 1].map(
    (share) => `${Number((100 * share).toPrecision(7))},${us(simple, share)},${us(metered, share)}`,
  );
  return `percentile,simple_us,metered_us\n${rows.join('\n')}\n`;
}
