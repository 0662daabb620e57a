/** What a report is made from: lines, the files they came from, panels, and what each way looks like. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { heapCurves } from '../report/heap-curve.js';
import { type Column, type Panel, panelsOf } from '../report/panels.js';
import { isResult, type Result, type ResultLine } from '../schema/index.js';
import type { Sample } from '../statistics/sample.js';
import { type Look, looksOf } from './colours.js';

/** A results file and what is in it. */
export interface Source {
  readonly file: string;
  readonly lines: readonly ResultLine[];
}

export interface Content {
  readonly sources: readonly Source[];
  readonly lines: readonly ResultLine[];
  readonly panels: readonly Panel[];
  readonly looks: ReadonlyMap<string, Look>;
}

export function contentOf(sources: readonly Source[]): Content {
  const lines = sources.flatMap((source) => source.lines);
  const panels = panelsOf(lines);
  const inPanels = panels.flatMap(({ columns }) => columns.map(({ label }) => label));
  const inCurves = heapCurves(lines).flatMap(({ ways }) => ways.map(({ label }) => label));
  return { sources, lines, panels, looks: looksOf([...new Set([...inPanels, ...inCurves])]) };
}

export const anyLook: Look = { shade: 0, dash: [] };

export function lookOf(content: Content, { label }: Column): Look {
  return content.looks.get(label) ?? anyLook;
}

/** What a figure's whisker spans: its 95% interval, or with too few invocations least and most. */
export function intervalOf({ interval, count, min, max }: Sample): readonly [low: number, high: number] | null {
  if (interval) return [interval.low, interval.high];
  return count > 1 ? [min, max] : null;
}

/** The title of a panel where it stands below a heading, and the whole as anchors and ids can hold it. */
export function panelId(content: Content, panel: Panel): string {
  return `panel-${content.panels.indexOf(panel)}`;
}

export type FileKind = keyof NonNullable<Result['files']>;

/** A further file of an invocation. */
export interface RawFile {
  readonly kind: FileKind;
  readonly path: string;
  readonly exists: boolean;
  readonly result: Result;
}

/** Every further file that results name, beside the results file that names it. */
export function rawFiles({ sources }: Content): RawFile[] {
  return sources.flatMap(({ file, lines }) =>
    lines.filter(isResult).flatMap((result) =>
      Object.entries(result.files ?? {}).flatMap(([kind, name]) => {
        if (name === undefined) return [];
        const path = join(dirname(file), name);
        return [{ kind: kind as FileKind, path, exists: existsSync(path), result }];
      }),
    ),
  );
}
