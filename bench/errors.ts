/** What every command says when it cannot go on: one line that names what is wrong and what to do about it. */

import { printable } from './printable.js';

/** Exit codes of the command line: 1 a run failed, 2 it was asked for wrongly, 130 it was interrupted. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * An error meant for the person at the terminal.
 * `code` is for programs (`UNWRITABLE`), `message` says what is wrong, `hint` what to do; neither has a line break.
 */
export class Complaint extends Error {
  override readonly name = 'Complaint';

  constructor(
    readonly code: string,
    message: string,
    readonly hint?: string,
    readonly exitCode: number = exitCodes.failed,
  ) {
    super(message);
  }
}

/** A `Complaint` about the command line itself. */
export function usage(message: string, hint?: string): Complaint {
  return new Complaint('USAGE', message, hint, exitCodes.usage);
}

/** The one line for any error, without the line break: `continuum: what is wrong; what to do`. */
export function complaintLine(error: unknown): string {
  const hint = hintOf(error);
  const message = messageOf(error).replace(/^continuum: /, '');
  return printable(oneLine(`continuum: ${message}${hint ? `; ${hint}` : ''}`));
}

/** What went wrong, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Errors of the addon and of the graph reader carry a hint as well, without sharing this class. */
export function hintOf(error: unknown): string | undefined {
  const hint: unknown = error instanceof Error ? Reflect.get(error, 'hint') : undefined;
  return typeof hint === 'string' && hint !== '' ? hint : undefined;
}

/** The error's own code (`EPERM`, `USAGE`), or `otherwise`. */
export function codeOf(error: unknown, otherwise: string): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && code !== '' ? code : otherwise;
}

/** The exit code that goes with an error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof Complaint ? error.exitCode : exitCodes.failed;
}

export function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}
