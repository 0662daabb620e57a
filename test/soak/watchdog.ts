/** Sees that something does not go on. */
const LOOKS = 20;

export class Watchdog {
  private mark: string | undefined;
  private changedAt = performance.now();
  private readonly beganAt = performance.now();
  private readonly timer: NodeJS.Timeout;

  /** Calls `onSilence` once, with what is wrong, when no new mark was seen for `silenceMs`, or after `totalMs`. */
  constructor(
    private readonly silenceMs: number,
    private readonly totalMs: number,
    private readonly onSilence: (why: string) => void,
  ) {
    this.timer = setInterval(() => this.look(), silenceMs / LOOKS);
  }

  see(mark: string): void {
    if (mark === this.mark) return;
    this.mark = mark;
    this.changedAt = performance.now();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    const silence = now - this.changedAt > this.silenceMs ? `no progress for ${this.silenceMs / 1000} s` : undefined;
    const why = silence ?? (now - this.beganAt > this.totalMs ? `no end after ${this.totalMs / 1000} s` : undefined);
    if (why === undefined) return;
    this.stop();
    this.onSilence(`${why}; the last that was seen: ${this.mark ?? 'nothing'}`);
  }
}
