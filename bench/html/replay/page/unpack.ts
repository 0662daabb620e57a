/** The tables of a cycle, out of the element that holds them. */
import { type CycleTables, decodeTables } from '../data.js';

/** Unpacks what `packed` made: base64, deflate, tables. */
export async function unpacked(element: string): Promise<CycleTables> {
  const text = atob(document.getElementById(element)?.textContent ?? '');
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return decodeTables(new Uint8Array(await new Response(stream).arrayBuffer()));
}
