/** What a soak and the process that performs its rounds say to each other. */
import type { Holdings } from './leaks.js';
import type { Outcome } from './outcome.js';
import type { RoundSettings } from './settings.js';

/** To the process. Without `round` it ends. */
export interface Task {
  readonly round?: RoundSettings;
  /** Where the state goes if the round fails; made when it is needed. */
  readonly folder?: string;
}

export type Report =
  | { readonly type: 'progress'; readonly mark: string }
  | { readonly type: 'done'; readonly outcome: Outcome; readonly holdings: Holdings; readonly leaks: readonly string[] }
  | { readonly type: 'failed'; readonly why: string };
