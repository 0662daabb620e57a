/** The real world for `bench-command.ts`: this kernel, asked once, and the invocation beside this file. */
import { fileURLToPath } from 'node:url';
import { type KernelProbe, probeKernel } from '../native/index.js';
import type { Surroundings } from './bench-command.js';
import { readEnvironment } from './environment.js';
import { busyNow } from './method/neighbours.js';
import { requireAll } from './preflight.js';

let probed: KernelProbe | undefined;

function probe(): KernelProbe {
  probed ??= probeKernel();
  return probed;
}

export const realSurroundings: Surroundings = {
  script: fileURLToPath(new URL('./invocation.js', import.meta.url)),
  environment: async () => {
    const read = readEnvironment(probe());
    const busy = await busyNow();
    return () => ({ ...read(), ...busy });
  },
  preflight: async (configs) => requireAll(probe(), configs),
};
