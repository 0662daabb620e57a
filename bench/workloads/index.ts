/** Every workload: one line each. What the command line must know of them before they start is in table.ts. */

import { binarytrees } from './binarytrees.js';
import { churn } from './churn.js';
import { dense } from './dense.js';
import { fullgc } from './fullgc.js';
import { gcbench } from './gcbench.js';
import { graph } from './graph.js';
import { hammer } from './hammer.js';
import { javac } from './javac.js';
import { larson } from './larson.js';
import { lru } from './lru.js';
import { pages } from './pages.js';
import type { WorkloadName } from './table.js';
import type { Workload } from './workload.js';

export const workloadsByName: Readonly<Record<WorkloadName, Workload>> = {
  javac,
  hammer,
  churn,
  fullgc,
  dense,
  gcbench,
  binarytrees,
  lru,
  larson,
  graph,
  pages,
};

export type { Check, Ending, Part, Scope, Session, Workload } from './workload.js';
