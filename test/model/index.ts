export { collectModel } from './collect.js';
export { type ModelHandle, ModelHeap } from './heap.js';
export { copyOfHeap, type ModelMemory, modelShape, newMemory } from './memory.js';
export { ModelMutator } from './mutator.js';
