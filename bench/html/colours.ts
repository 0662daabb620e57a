/**
 * Colours. Each way keeps its own throughout a report, and ways that are told apart by colour alone differ in lightness
 * too, after Okabe and Ito's and Tol's sets for colour-blind readers; delivery by signal is dashed, a peer dotted.
 */

/** A colour on light ground and on dark ground; both have a contrast of 3 and more against it. */
export type Shade = readonly [light: string, dark: string];

/** How a line is dashed, CSS pixels on and off; empty for a solid one. */
type Dash = readonly number[];

const solid: Dash = [];
const dashed: Dash = [8, 4];
const dotted: Dash = [2, 3];

interface Known {
  readonly shade: Shade;
  readonly dash: Dash;
}

/** Ways and peers by name. The hue is the resolution's. */
const known: Readonly<Record<string, Known>> = {
  continue·bank: { shade: ['#005fa8', '#58aef5'], dash: solid },
  copy·remap: { shade: ['#d05000', '#ff8d4d'], dash: solid },
  move·remap: { shade: ['#007a5a', '#2fc79b'], dash: solid },
  continue·signal·bank: { shade: ['#1c93cf', '#9fdcff'], dash: dashed },
  copy·signal·remap: { shade: ['#b98500', '#ffcb66'], dash: dashed },
  move·signal·remap: { shade: ['#5b9a00', '#b0e366'], dash: dashed },
  protect·signal·bank: { shade: ['#b0408f', '#f18fcd'], dash: dashed },
  stw: { shade: ['#55585c', '#c9ccd1'], dash: solid },
  continue·remap: { shade: ['#2d2f9c', '#8f93ff'], dash: solid },
  continue·signal·remap: { shade: ['#7378d6', '#c3c6ff'], dash: dashed },
  protect·signal·remap: { shade: ['#7a3a9c', '#cf9cf0'], dash: dashed },
  g1: { shade: ['#a3334a', '#ff8fa3'], dash: dotted },
  zgc: { shade: ['#0b8593', '#5fd6e3'], dash: dotted },
  shenandoah: { shade: ['#6d7400', '#d5dc5a'], dash: dotted },
  serial: { shade: ['#7d5431', '#d3a883'], dash: dotted },
  parallel: { shade: ['#3f6b3a', '#8fc488'], dash: dotted },
  v8: { shade: ['#8a5c6e', '#dcb0c2'], dash: dotted },
};

const names = Object.keys(known);

/** The shades, in the order of the custom properties `--way-0` …. */
export const shades: readonly Shade[] = names.map((name) => known[name].shade);

/** What a way looks like: which of the shades, and how its lines are dashed. */
export interface Look {
  readonly shade: number;
  readonly dash: readonly number[];
}

/**
 * The look of each label: its own where it is known, else a shade that is free, and once none is, a used one dashed anew.
 * A peer's label begins with its name: `zgc·25·generational`.
 */
export function looksOf(labels: readonly string[]): Map<string, Look> {
  const looks = new Map<string, Look>();
  const taken = new Set<number>();
  const give = (label: string, shade: number, dash: Dash) => {
    looks.set(label, { shade, dash });
    taken.add(shade);
  };
  for (const label of labels) {
    const name = knownName(label);
    if (name !== undefined && !taken.has(names.indexOf(name))) give(label, names.indexOf(name), known[name].dash);
  }
  for (const label of labels) {
    if (looks.has(label)) continue;
    const free = shades.findIndex((_, i) => !taken.has(i));
    const name = knownName(label);
    if (free < 0) give(label, looks.size % shades.length, [12, 3, 2, 3]);
    else give(label, free, name === undefined ? solid : known[name].dash);
  }
  return looks;
}

function knownName(label: string): string | undefined {
  return [label, label.split('·')[0]].find((name) => names.includes(name));
}

/** The custom property of a look's colour. */
export function colourOf({ shade }: Look): string {
  return `var(--way-${shade})`;
}

/** Names of everything else that is coloured. */
export const surfaces: Readonly<Record<string, Shade>> = {
  ground: ['#ffffff', '#14171b'],
  panel: ['#f6f7f9', '#1c2026'],
  ink: ['#16191d', '#e9ecf0'],
  faint: ['#5a626c', '#a3acb8'],
  line: ['#d5dae0', '#363d47'],
  accent: ['#005fa8', '#7cc0fa'],
  good: ['#12703f', '#64d39a'],
  bad: ['#b3261e', '#ff8f85'],
  // Phases of a collection: what runs beside the mutators in greys, pauses in red.
  mark: ['#4d5a6b', '#8e9db3'],
  plan: ['#aab4c0', '#4c5664'],
  compact: ['#76869a', '#68778c'],
  reclaim: ['#c9d1da', '#aebacb'],
  remark: ['#e2574c', '#ff9d94'],
  flip: ['#a3150c', '#e0483d'],
};
