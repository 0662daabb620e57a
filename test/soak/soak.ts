/** The soak itself: round after round, and what came of them. */
import { join } from 'node:path';
import { type Failure, leaveFailure } from './failure.js';
import { type Holdings, LeakWatch, OVER_ROUNDS } from './leaks.js';
import { addTo, nothing, type Outcome } from './outcome.js';
import { Performer } from './performer.js';
import type { RoundSettings } from './settings.js';

export interface SoakOptions {
  readonly seed: number;
  /** Folder for folders of rounds that fail. */
  readonly out: string;
  /** Settings of round 0, 1, 2…; undefined where there are no more. */
  readonly draw: (round: number) => RoundSettings | undefined;
  /** performance.now() after which no round begins. */
  readonly until: number;
  readonly watchdogMs: number;
  readonly signal?: AbortSignal;
  readonly onRound?: (round: RoundSettings) => void;
  readonly onFailure?: (failure: Failure) => void;
}

export interface SoakResult {
  readonly sum: Outcome;
  readonly failures: readonly Failure[];
  readonly interrupted: boolean;
  /** Of the process that lived longest: its rounds, and what it held at first and at last. */
  readonly longest: { readonly rounds: number; readonly first: Holdings; readonly last: Holdings } | undefined;
}

/** After so many rounds that failed there is enough to look at. */
const MOST_FAILURES = 5;
/** Rounds of a process in which Node and malloc take what they will keep. */
const WARM_UP = 12;

/** A process that performs round after round, the rounds that it has performed, and what it held after each. */
class LongLived {
  readonly rounds: RoundSettings[] = [];
  readonly watch = new LeakWatch(OVER_ROUNDS, WARM_UP);
  constructor(readonly performer: Performer) {}
}

export class Soak {
  private readonly sum = nothing();
  private readonly failures: Failure[] = [];
  private longLived: LongLived | null = null;
  private running: Performer | null = null;
  private longest: SoakResult['longest'];
  private mark = '';

  constructor(private readonly options: SoakOptions) {}

  async run(): Promise<SoakResult> {
    const { draw, until, signal } = this.options;
    const abort = () => {
      this.running?.kill();
      this.longLived?.performer.kill();
    };
    signal?.addEventListener('abort', abort);
    for (let round = 0; performance.now() < until && !this.over; round++) {
      const settings = draw(round);
      if (settings === undefined) break;
      await this.perform(settings);
    }
    if (!this.over) await this.endLongLived();
    this.longLived?.performer.kill();
    signal?.removeEventListener('abort', abort);
    const { sum, failures, longest } = this;
    return { sum, failures, longest, interrupted: signal?.aborted ?? false };
  }

  private get over(): boolean {
    return this.options.signal?.aborted === true || this.failures.length >= MOST_FAILURES;
  }

  private async perform(settings: RoundSettings): Promise<void> {
    this.options.onRound?.(settings);
    const home = this.homeOf(settings);
    this.running = home.performer;
    const folder = join(this.options.out, `round-${settings.round}`);
    const ended = await home.performer.run(settings, folder);
    if (this.options.signal?.aborted) return;
    if (ended.kind === 'failed') {
      this.fail(folder, settings, home, ended.why, ended.output);
      return;
    }
    addTo(this.sum, ended.outcome);
    home.watch.add(ended.holdings);
    const leaks = [...ended.leaks, ...home.watch.grown];
    home.rounds.push(settings);
    if (leaks.length > 0) {
      this.fail(folder, settings, home, `leaks: ${leaks.join('; ')}`, '');
      home.performer.kill();
    } else if (settings.fresh) await this.end(home);
    else this.note(home);
  }

  private homeOf(settings: RoundSettings): LongLived {
    if (!settings.fresh && this.longLived !== null) return this.longLived;
    const home = new LongLived(this.start(settings));
    if (!settings.fresh) this.longLived = home;
    return home;
  }

  private start({ injection }: RoundSettings): Performer {
    const { watchdogMs } = this.options;
    return new Performer({
      watchdogMs,
      ...(injection.env && { env: injection.env }),
      onProgress: (mark) => {
        this.mark = mark;
      },
    });
  }

  /** What it is at, for a line that is shown. */
  get progress(): { readonly sum: Outcome; readonly mark: string; readonly failures: number } {
    return { sum: this.sum, mark: this.mark, failures: this.failures.length };
  }

  private note({ rounds, watch }: LongLived): void {
    const range = watch.range;
    if (range !== undefined && rounds.length > (this.longest?.rounds ?? 0)) {
      this.longest = { rounds: rounds.length, ...range };
    }
  }

  private async endLongLived(): Promise<void> {
    if (this.longLived !== null) await this.end(this.longLived);
    this.longLived = null;
  }

  private async end(home: LongLived): Promise<void> {
    const last = home.rounds.at(-1);
    const why = await home.performer.end();
    if (why === '' || last === undefined || this.options.signal?.aborted) return;
    home.rounds.pop();
    this.fail(join(this.options.out, `round-${last.round}-end`), last, home, why, '');
  }

  private fail(folder: string, round: RoundSettings, home: LongLived, why: string, output: string): void {
    const before = home.rounds.filter((done) => done !== round);
    const failure = leaveFailure(folder, { seed: this.options.seed, round, before, why, output });
    this.failures.push(failure);
    if (home === this.longLived) this.longLived = null;
    this.options.onFailure?.(failure);
  }
}
