/** This thread, its processor time and the clock, from the kernel. */
import { addon } from './loader.js';

interface SystemBinding {
  threadId(): number;
  threadCpuNs(): number;
  monotonicNs(): number;
}

const native = addon as SystemBinding;

/** The kernel's number of this thread, as userfaultfd's messages name it. gettid(2). */
export const threadId = native.threadId;

/** Processor time this thread has used, in nanoseconds. clock_gettime(2), CLOCK_THREAD_CPUTIME_ID. */
export const threadCpuNs = native.threadCpuNs;

/** Nanoseconds since the machine started: CLOCK_MONOTONIC, the clock of process.hrtime, as a plain number. */
export const monotonicNs = native.monotonicNs;
