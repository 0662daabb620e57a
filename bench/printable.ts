/** Text that comes from a file, or from whoever named one, on its way to a terminal. */

/**
 * What a terminal would obey rather than show, and what would show other text than there is: control characters, line
 * and paragraph separators, marks that turn the direction of writing or are nothing to see, halves of a surrogate pair.
 */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** The text with all that written as escapes, as a program would write it: `\n`, `\x1b`, `\u202e`. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const quoted = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
    if (quoted !== undefined) return quoted;
    const code = character.charCodeAt(0);
    const digits = code.toString(16);
    return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}
