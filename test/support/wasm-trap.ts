/** An access outside the memory of a WebAssembly module, which V8 lets the processor find: SIGSEGV in a guard region. */

/** (module (memory 1) (func (export "load") (param i32) (result i32) local.get 0 i32.load)) */
const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
  ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f], // a type: i32 → i32
  ...[0x03, 0x02, 0x01, 0x00], // a function of it
  ...[0x05, 0x03, 0x01, 0x00, 0x01], // a memory of one page
  ...[0x07, 0x08, 0x01, 0x04, 0x6c, 0x6f, 0x61, 0x64, 0x00, 0x00], // export "load"
  ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x20, 0x00, 0x28, 0x02, 0x00, 0x0b], // local.get 0, i32.load
]);

interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: { load(address: number): number } };
  RuntimeError: ErrorConstructor;
}

/** Loads far outside, `times` times. How many of them were a RuntimeError, and what the last said. */
export function trapsInWasm(times = 1000): string {
  const { Module, Instance, RuntimeError } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
  const { load } = new Instance(new Module(MODULE)).exports;
  let trapped = 0;
  let message = '';
  for (let i = 0; i < times; i++) {
    if (load(16) !== 0) throw new Error('memory that was never written is not 0');
    try {
      load(0x7000_0000);
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      message = error.message;
      trapped++;
    }
  }
  return `${trapped} traps: ${message}`;
}
