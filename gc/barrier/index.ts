import type { BarrierKind } from '../../heap/index.js';
import type { World } from '../world.js';
import type { WriteBarrier } from './barrier.js';
import { KernelBarrier } from './kernel.js';
import { SoftwareBarrier } from './software.js';

/** Every write barrier there is: one line each. Throws UnavailableError where this machine lacks what it takes. */
export const BARRIERS: Readonly<Record<BarrierKind, (world: World) => WriteBarrier>> = {
  software: (world) => new SoftwareBarrier(world),
  kernel: (world) => new KernelBarrier(world),
};

export type { WriteBarrier } from './barrier.js';
