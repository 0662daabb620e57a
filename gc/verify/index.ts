export { digestGraph, type GraphDigest } from './digest.js';
export { type GraphReader, HeapGraph, settle } from './graph.js';
export { withHolder } from './holder.js';
export { VerifyError, type VerifyReport, verifyHeap } from './verifier.js';
