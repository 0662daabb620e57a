/**
 * A digest of the reachable graph that does not depend on addresses: objects are numbered in breadth-first order from
 * the roots, and the hash takes in each one's tag, payload, and the numbers of what it refers to. Two heaps have the
 * same digest if and only if (but for a 64-bit collision) they hold the same graph.
 */
import type { GraphReader } from './graph.js';

export interface GraphDigest {
  /** 16 hexadecimal digits. */
  readonly digest: string;
  readonly objects: number;
  /** Bytes of those objects, headers included. */
  readonly bytes: number;
}

export function digestGraph(graph: GraphReader): GraphDigest {
  const order = new Numbering();
  const hash = new Hash();
  let bytes = 0;
  for (const root of graph.roots()) hash.add(order.number(root));
  for (let next = 0; next < order.count; next++) {
    const object = order.object(next);
    const references = graph.references(object);
    const payload = graph.payloadWords(object);
    bytes += 8 + 4 * (references + payload);
    hash.add(references);
    hash.add(payload);
    hash.add(graph.tag(object));
    for (let slot = 0; slot < references; slot++) hash.add(order.number(graph.reference(object, slot)));
    for (let i = 0; i < payload; i++) hash.add(graph.payload(object, i));
  }
  return { digest: hash.text, objects: order.count, bytes };
}

/** Two 32-bit lanes of multiply and rotate (after MurmurHash3's body, Appleby 2011), different constants each. */
class Hash {
  private a = 0x9747b28c;
  private b = 0x3c6ef372;

  add(value: number): void {
    let k = Math.imul(value, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    const a = this.a ^ Math.imul(k, 0x1b873593);
    this.a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    k = Math.imul(value ^ this.a, 0x85ebca6b);
    const b = this.b ^ ((k << 16) | (k >>> 16));
    this.b = (Math.imul((b << 11) | (b >>> 21), 9) + 0x52dce729) | 0;
  }

  get text(): string {
    return [this.a, this.b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

/** Numbers objects 1, 2, 3… in the order in which they are first seen; null is 0. Open addressing, half full at most. */
class Numbering {
  count = 0;
  private keys = new Int32Array(1 << 12);
  private numbers = new Int32Array(1 << 12);
  private seen = new Int32Array(1 << 11);

  number(object: number): number {
    if (object === 0) return 0;
    const mask = this.keys.length - 1;
    let at = slotOf(object) & mask;
    for (; this.keys[at] !== 0; at = (at + 1) & mask) if (this.keys[at] === object) return this.numbers[at];
    this.keys[at] = object;
    this.seen[this.count++] = object;
    this.numbers[at] = this.count;
    if (this.count === this.seen.length) this.grow();
    return this.count;
  }

  object(index: number): number {
    return this.seen[index];
  }

  private grow(): void {
    const { seen } = this;
    this.seen = new Int32Array(2 * seen.length);
    this.seen.set(seen);
    this.keys = new Int32Array(2 * this.keys.length);
    this.numbers = new Int32Array(this.keys.length);
    const mask = this.keys.length - 1;
    for (let i = 0; i < this.count; i++) {
      let at = slotOf(seen[i]) & mask;
      while (this.keys[at] !== 0) at = (at + 1) & mask;
      this.keys[at] = seen[i];
      this.numbers[at] = i + 1;
    }
  }
}

function slotOf(object: number): number {
  const mixed = Math.imul(object, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
