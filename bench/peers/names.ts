/** What peers there are, and what they can do. */
import type { PeerConfig } from '../schema/index.js';

export type PeerName = PeerConfig['peer'];

/** Workloads that exist for peers as well: in java/ and v8/, the same work to the operation. */
export const peerWorkloads: readonly string[] = ['churn', 'gcbench', 'binarytrees', 'fullgc'];
