/** Kinds of the records of a trace. */
export const Kind = {
  CYCLE: 1, MARK: 2, REMARK: 3, PLAN: 4, AHEAD: 5, FLIP: 6, COMPACT: 7, RECLAIM: 8, STOP: 9,
  STALL: 16, PACE: 17, FAULT: 18, FORWARD: 32, PUBLISH: 33, PUBLISH_AHEAD: 34,
} as const;
export type EventKind = number;
