/** What peers there are, and what each is called beside our own ways. */
import type { PeerConfig } from '../schema.js';

export type PeerName = PeerConfig['peer'];

/** Workloads that exist for peers as well: in java/ and v8/, the same work to the operation. */
export const peerWorkloads: readonly string[] = ['churn', 'gcbench', 'binarytrees', 'fullgc'];

/** The version that tells runtimes apart: `17` of OpenJDK 17.0.15, `11.3` of V8. */
export function shortVersion(runtime: string): string {
  const v8 = /V8 (\d+\.\d+)/.exec(runtime)?.[1];
  return v8 ?? /\d+/.exec(runtime)?.[0] ?? runtime;
}

/** `g1·17`, `shenandoah·25·generational`, `v8·11.3`. */
export function peerLabel({ peer, runtime, mode }: Pick<PeerConfig, 'peer' | 'runtime' | 'mode'>): string {
  return [peer, shortVersion(runtime), mode].filter((part) => part !== undefined).join('·');
}
