// deadline: 900s
import { test } from 'uvu';
import type { CollectorOptions, HeapChoices } from '../../gc/index.js';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

interface Arm {
  readonly resolution: string;
  readonly delivery: string;
  readonly flip: string;
  readonly collector?: Partial<CollectorOptions>;
  readonly choices?: HeapChoices;
  readonly residentFree?: number;
}

const TWO = { choices: { userfaultfds: 2 }, collector: { faultServers: 2 } };
const ARMS: Readonly<Record<string, Arm>> = {
  'lazy, by a handler': { resolution: 'continue', delivery: 'handler', flip: 'bank', collector: { publish: 'lazy' } },
  'lazy, by signal': { resolution: 'move', delivery: 'signal', flip: 'remap', collector: { publish: 'lazy' } },
  'lazy, guarded': { resolution: 'protect', delivery: 'signal', flip: 'bank', collector: { publish: 'lazy' } },
  'walks where the faults are': {
    resolution: 'copy',
    delivery: 'handler',
    flip: 'remap',
    collector: { walk: 'faults' },
  },
  'walks where the signals are': {
    ...{ resolution: 'continue', delivery: 'signal', flip: 'remap' },
    collector: { walk: 'faults', publish: 'lazy' },
  },
  'all that fits is evacuated': {
    resolution: 'move',
    delivery: 'handler',
    flip: 'remap',
    collector: { evacuate: 'full' },
  },
  'all that fits, by signal': {
    resolution: 'continue',
    delivery: 'signal',
    flip: 'bank',
    collector: { evacuate: 'full' },
  },
  'two userfaultfds with two servers': { resolution: 'continue', delivery: 'handler', flip: 'bank', ...TWO },
  'two userfaultfds, by signal': {
    ...{ resolution: 'continue', delivery: 'signal', flip: 'bank' },
    choices: { userfaultfds: 2 },
  },
  'move, no free memory kept': { resolution: 'move', delivery: 'handler', flip: 'remap', residentFree: 0 },
  'move by signal, no free memory kept': { resolution: 'move', delivery: 'signal', flip: 'remap', residentFree: 0 },
  'copy, no free memory kept': { resolution: 'copy', delivery: 'signal', flip: 'remap', residentFree: 0 },
  'protect, no free memory kept': { resolution: 'protect', delivery: 'signal', flip: 'remap', residentFree: 0 },
};

for (const [name, arm] of Object.entries(ARMS)) {
  test(`2 mutators and 2 workers keep the model’s graph: ${name}`, () => runStress({ ...arm, cycles: 24 }));
}

test.run();
