import type { BarrierKind } from '../../heap/index.js';
import type { BarrierMaker } from './barrier.js';
import { KernelBarrier } from './kernel.js';
import { SoftwareBarrier } from './software.js';

/** Every write barrier there is: one line each. */
export const BARRIERS: Readonly<Record<BarrierKind, BarrierMaker>> = {
  software: (world) => new SoftwareBarrier(world),
  kernel: (world) => new KernelBarrier(world),
};

export type { WriteBarrier } from './barrier.js';
