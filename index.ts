/** The package's entry: heaps and their mutators, and the collector that compacts them beside those. */
export * from './gc/index.js';
export * from './heap/index.js';
