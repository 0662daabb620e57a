/** Files in a round's folder: one asks for the state of the heap, the other says that it is written. */
export const REQUEST = 'dump-please';
export const WRITTEN = 'dump-written';
