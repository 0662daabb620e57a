import type { Workload } from './workload.js';
export const javac: Workload = {
  warmUpSeconds: 5,
  open: () => {
    throw new Error('soon');
  },
};
