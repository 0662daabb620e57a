/** Ctrl-C: the first one ends what runs in good order, a second one ends everything at once. */
import { exitCodes } from '../errors.js';

const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interruption {
  readonly #controller = new AbortController();

  constructor() {
    for (const name of interrupts) process.on(name, this.#stop);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    for (const name of interrupts) process.removeListener(name, this.#stop);
  }

  readonly #stop = (): void => {
    if (this.#controller.signal.aborted) process.exit(exitCodes.interrupted);
    this.#controller.abort();
  };
}
