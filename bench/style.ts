/** Colour where somebody looks at it, plain text elsewhere. */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

const same = (text: string): string => text;
const code = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;

export const plainStyle: Style = { bold: same, dim: same, good: same, bad: same };
const colourStyle: Style = { bold: code(1, 22), dim: code(2, 22), good: code(32, 39), bad: code(31, 39) };

/** Colour on a terminal, unless NO_COLOR is set or the terminal is dumb. */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Style {
  return stream.isTTY && !env.NO_COLOR && env.TERM !== 'dumb' ? colourStyle : plainStyle;
}

/** Breaks a paragraph into lines of at most `width` characters; lines after the first begin with `indent`. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  const [lead] = /^ */.exec(text) ?? [''];
  let line = lead;
  let empty = true;
  for (const word of text.slice(lead.length).split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}
