/** What the processor promises about plain accesses of typed arrays, which compile to plain loads and stores. */

/**
 * Whether stores become visible in the order in which a thread makes them, and loads are made in order (total store
 * order). Where they do not, what is handed over needs a release; where they do, one would cost each store 10 ns for
 * nothing: Atomics.store is sequentially consistent, and a call where V8 does not inline it.
 */
export const STORES_IN_ORDER = process.arch === 'x64';
