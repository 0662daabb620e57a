/** The replay's own script. */
import { onTheme } from '../../page/theme.js';
import type { ReplayHead } from '../data.js';
import { Player } from './player.js';

const root = document.querySelector<HTMLElement>('.replay');
const data = document.getElementById('replay-heads');
if (root && !('DecompressionStream' in globalThis)) {
  root.textContent = 'The replay needs a browser of 2023 or later: this one cannot unpack its data.';
} else if (root && data) {
  const player = new Player(root, JSON.parse(data.textContent ?? '') as ReplayHead[]);
  onTheme(() => player.redraw());
}
