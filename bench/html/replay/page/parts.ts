/** The elements of a replay, by the names that the section gives them. */

/** An element of the section. A missing one is a fault of the program. */
export function partOf<T extends Element = HTMLElement>(root: ParentNode, name: string): T {
  const found = root.querySelector<T>(`[data-part="${name}"]`);
  if (!found) throw new Error(`the replay has no ${name}`);
  return found;
}

/** An element with text in it. */
export function elementOf<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text = '',
  className = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** Fills a choice; its value is the index of the text chosen. */
export function fillChoice(select: HTMLSelectElement, texts: readonly string[]): void {
  select.replaceChildren(
    ...texts.map((text, i) => {
      const option = elementOf('option', text);
      option.value = String(i);
      return option;
    }),
  );
}
