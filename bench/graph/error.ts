/** What can be wrong with a dump or a graph file; the first word of it is for programs. */
export type GraphErrorCode = 'UNREADABLE' | 'UNWRITABLE' | 'FOREIGN' | 'UNSUPPORTED' | 'TRUNCATED' | 'CORRUPT';

/** Where an error was found: the file, and the byte in it where there is one. */
export interface GraphErrorPlace {
  readonly path: string;
  /** Bytes from the start of the file. */
  readonly offset?: number | undefined;
}

/**
 * The one error of this folder, for a person at the terminal: `message` says what and where, `hint` what to do.
 * Neither has a line break. Whoever gets it has got nothing else: there are no half results.
 */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly path: string;
  readonly offset: number | undefined;

  constructor(
    readonly code: GraphErrorCode,
    what: string,
    place: GraphErrorPlace,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    const at = place.offset === undefined ? '' : ` at byte ${place.offset}`;
    super(`${place.path}: ${what}${at}`, options);
    this.path = place.path;
    this.offset = place.offset;
  }
}

/** What to do about a file whose contents contradict themselves. */
export const damaged = 'the file is damaged: make it again';

/** The system's own word for a failed file operation (`no such file or directory`), in one line. */
export function systemReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').replace(/, \w+( '.*)?$/, '');
}
