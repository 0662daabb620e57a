/** What a recorder's records say. Apart from it, so that a file of them can be read where the addon is not built. */

export const RECORD_BYTES = 24;

/** What a record tells. `a` is the number of the cycle up to STOP, a page from FAULT on. */
export const TraceKind = {
  CYCLE: 1,
  MARK: 2,
  /** A pause. */
  REMARK: 3,
  PLAN: 4,
  AHEAD: 5,
  /** A pause. */
  FLIP: 6,
  COMPACT: 7,
  RECLAIM: 8,
  /** The one pause of a collection that stops the world. */
  STOP: 9,
  /** In a mutator's lane: an allocation waited for memory. */
  STALL: 16,
  /** In a mutator's lane: an allocation was held back. */
  PACE: 17,
  /** Page `a` was served for mutator `b`, in the lane of whoever served it. */
  FAULT: 18,
  /** In a mutator's lane: it stood at a safepoint, for a pause or for a handshake. */
  STOOD: 19,
  /** In a server's lane: mutator `b` waits for page `a` until whoever is at it has published it. Ends with the message. */
  LEFT: 20,
  /** Page `a` was made right; `b` is Forwarded. */
  FORWARD: 32,
  /** Pages `a` … `a + b - 1` were published. */
  PUBLISH: 33,
  /** The same ahead of the flip. */
  PUBLISH_AHEAD: 34,
} as const;

/** Whether a forwarded page was built from evacuated objects, had references updated, or needed nothing. */
export const Forwarded = { BUILT: 0, UPDATED: 1, AS_IT_WAS: 2 } as const;

export interface TraceLane {
  readonly name: string;
  readonly role: 'mutator' | 'collector' | 'worker' | 'server';
}

/** Called with each record: times in ns, `lane` an index of lanes. */
export type TraceVisitor = (kind: number, lane: number, begin: number, duration: number, a: number, b: number) => void;

/** Calls `visit` with each of the records in `bytes`, which are little endian. */
export function eachRecord(bytes: Uint8Array, visit: TraceVisitor): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    visit(
      view.getUint16(at + 20, true),
      view.getUint16(at + 22, true),
      view.getFloat64(at, true),
      view.getFloat32(at + 8, true),
      view.getUint32(at + 12, true),
      view.getUint32(at + 16, true),
    );
  }
}
