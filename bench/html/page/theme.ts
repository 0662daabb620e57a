/** Light and dark: as the system says, until somebody presses the button. */

/** What the document dispatches when colours have changed. */
const changed = 'continuum:theme';

/** Calls back whenever colours have changed. */
export function onTheme(listener: () => void): void {
  document.addEventListener(changed, listener);
}

/** Makes the button work. */
export function watchTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const button = document.getElementById('theme');
  const isDark = () => (root.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark';
  const show = () => {
    if (button) button.textContent = isDark() ? 'Light theme' : 'Dark theme';
  };
  const announce = () => {
    show();
    document.dispatchEvent(new Event(changed));
  };
  dark.addEventListener('change', announce);
  button?.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    announce();
  });
  show();
}
