/** What a part of the report is: its markup, the data its script reads, and the script. */
import type { Markup } from './markup.js';

/**
 * Data in the page, in a script element that is never run:
 * `JSON.parse(document.getElementById(id).textContent)`, or `atob(…)` of it.
 * The page's policy forbids fetching, even of `data:` addresses.
 */
export type DataBlock =
  | { readonly id: string; readonly json: unknown }
  | { readonly id: string; readonly base64: string };

/**
 * A section of the report, below a heading of its own. The page takes care of escaping, order and table of contents.
 *
 * In the page, colours are custom properties that change with the theme (`--ground`, `--panel`, `--ink`, `--faint`, `--line`,
 * `--accent`, `--bad`, `--way-0` …; see style-sheet.ts). Whoever draws on a canvas reads them with getComputedStyle, and
 * again when the document dispatches `continuum:theme`.
 */
export interface Section {
  /** Small letters, digits and hyphens: the anchor. Ids inside begin with it. */
  readonly id: string;
  /** Text, not markup. */
  readonly title: string;
  /** What stands below the heading; made with `html`. Headings in it begin with h3. */
  readonly body: Markup;
  readonly data?: readonly DataBlock[];
  /** Rules of its own, each below `#id`. */
  readonly css?: string;
  /**
   * Compiled modules (`new URL('./page/replay.js', import.meta.url)`), each inlined as a script of its own together
   * with what it imports by relative path, and run when the page has been read. See link.ts for what they may say.
   */
  readonly scripts?: readonly URL[];
}

/** A recorded run that a section can play back. */
export interface Recording {
  /** Path of the trace file. */
  readonly file: string;
  /** What was recorded: `churn: heap 136MiB, continue·bank, invocation 1`. */
  readonly label: string;
}

/** What makes the replay: undefined where none of the files can be read, which leaves the section out. */
export type ReplayMaker = (recordings: readonly Recording[]) => Section | undefined;
