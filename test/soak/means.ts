/** What this machine can do, as the kernel says. */
import { hugePages, probeKernel } from '../../native/index.js';
import type { Means } from './settings.js';

/** Also says, a line each, what is left out. */
export function findMeans(say: (line: string) => void): Means {
  const { checks, features, uid } = probeKernel();
  const need = (what: string, ok: boolean, why: string) => {
    if (!ok) say(`skipped: ${what} (${why})`);
    return ok;
  };
  const works = (check: keyof typeof checks) => need(check, checks[check].outcome === 'ok', checks[check].detail);
  return {
    resolutions: [
      ...(works('minor-continue') ? ['continue'] : []),
      ...(works('copy') ? ['copy'] : []),
      ...(works('move') ? ['move'] : []),
      ...['protect', 'stw'],
    ],
    kernelBarrier: works('wp-async'),
    poison: need('poison', features.POISON, 'the kernel has no UFFDIO_POISON'),
    hugePages: need('pages of 2 MiB', uid === 0 || hugePages().free > 0, 'none are reserved, and only root can do it'),
  };
}
