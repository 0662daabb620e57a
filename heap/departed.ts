/**
 * What a mutator is once it has left. Its place may be another's by now, and with it the words that it would write, so
 * each of its methods throws. That costs those who have not left nothing: no method asks, it is the prototype of the one
 * object that changes.
 */
import { HeapError } from './errors.js';

const prototypes = new WeakMap<object, object>();

/** From here on every method of `mutator` throws HeapError 'detached'. */
export function depart(mutator: object): void {
  const prototype: object = Object.getPrototypeOf(mutator);
  let departed = prototypes.get(prototype);
  if (departed === undefined) {
    departed = Object.create(prototype, methodsOf(prototype)) as object; // an instance of the same class
    prototypes.set(prototype, departed);
  }
  Object.setPrototypeOf(mutator, departed);
}

/** Of a class and of those that it extends, each refused. */
function methodsOf(prototype: object): PropertyDescriptorMap {
  const refused: PropertyDescriptorMap = {};
  for (let of = prototype; of !== Object.prototype; of = Object.getPrototypeOf(of)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(of))) {
      if (typeof value === 'function' && name !== 'constructor') refused[name] = { value: refuse };
    }
  }
  return refused;
}

function refuse(): never {
  throw new HeapError('detached', 'this mutator has left the heap: attach again');
}
