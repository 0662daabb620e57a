/** The real world for the commands: this kernel, asked once, and the invocation that each result has a process of. */
import { fileURLToPath } from 'node:url';
import { type KernelProbe, probeKernel } from '../../native/index.js';
import { readEnvironment } from '../machine/environment.js';
import { busyNow } from '../machine/neighbours.js';
import type { Surroundings } from './bench.js';
import { requireAll } from './preflight.js';

let probed: KernelProbe | undefined;

function probe(): KernelProbe {
  probed ??= probeKernel();
  return probed;
}

export const realSurroundings: Surroundings = {
  script: fileURLToPath(new URL('../invocation/main.js', import.meta.url)),
  environment: async () => {
    const read = readEnvironment(probe());
    const busy = await busyNow();
    return () => ({ ...read(), ...busy });
  },
  preflight: async (configs) => requireAll(probe(), configs),
};
