/** What a heap's memory is made for; it cannot be changed afterwards. */

/** Who resolves a fault: a fault server that reads messages, or the thread itself in its signal handler. */
export type Delivery = 'handler' | 'signal';
/**
 * Whether a core dump of the process has the objects: no (`none`), or one copy of them (`heap`). A view of shared memory is
 * never in one, because it is watched and shows what the workspace has.
 */
export type CoreDump = 'none' | 'heap';
/** How a marking learns of stores: from the mutators' own log, or from the kernel's dirty pages. */
export type BarrierKind = 'software' | 'kernel';

export interface SpaceOptions {
  /** Views of a twin heap: 2 for flips by `bank`, 1 for `remap`. */
  readonly banks: 1 | 2;
  readonly delivery: Delivery;
  readonly barrier: BarrierKind;
  /** Userfaultfds that share the range; more than one only with `banks` 2. */
  readonly userfaultfds: number;
  /** Evacuated regions are poisoned until they are used again, so that a touch ends the process with a message. */
  readonly poison: boolean;
  /** Register twin views for MINOR faults alone: holes then read as zeros and nobody is told. To show that, only. */
  readonly minorOnly: boolean;
  /** Let the kernel make the pages of a twin workspace transparently huge, where the system allows it for shared memory. */
  readonly workspaceHugePages: boolean;
  /**
   * With `heap` the dump of shared memory is as long as the heap, and takes memory for what was never used: the kernel reads
   * the holes of a memfd as it writes them. Private memory that was never used is left out.
   */
  readonly coreDump: CoreDump;
}
