/** The document: everything inlined, and a policy that lets it load nothing and run nothing else. */
import { createHash } from 'node:crypto';
import { linked } from './link.js';
import { escapeText, html, type Markup, scriptJson } from './markup.js';
import type { DataBlock, Section } from './section.js';

export interface Page {
  readonly title: string;
  /** What stands above the first section: heading and facts. */
  readonly head: Markup;
  readonly sections: readonly Section[];
  /** Scripts of the page itself: libraries as text, run before all others, in order. */
  readonly libraries: readonly string[];
  readonly css: readonly string[];
}

/** The whole file. */
export function renderPage({ title, head, sections, libraries, css }: Page): string {
  const scripts = [...libraries.map((text) => script(text, '')), ...linkedScripts(sections)];
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    `script-src ${scripts.map(({ hash }) => `'sha256-${hash}'`).join(' ') || "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const styles = [...css, ...sections.flatMap((section) => section.css ?? [])].join('\n').replaceAll('</', '<\\/');
  const blocks = sections.flatMap((section) => section.data ?? []);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeText(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    // Without one the browser asks for favicon.ico.
    '<link rel="icon" href="data:,">',
    `<title>${escapeText(title)}</title>`,
    `<style>\n${styles}\n</style>`,
    '</head>',
    '<body>',
    head.text,
    contents(sections).text,
    '<main>',
    ...sections.map((section) => body(section).text),
    '</main>',
    ...blocks.map(dataBlock),
    ...scripts.map(({ text }) => text),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function contents(sections: readonly Section[]): Markup {
  const items = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  return html`<nav aria-label="Sections"><ul>${items}</ul></nav>`;
}

function body({ id, title, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${body}
</section>`;
}

function dataBlock(block: DataBlock): string {
  const id = escapeText(block.id);
  if ('json' in block) return `<script type="application/json" id="${id}">${scriptJson(block.json)}</script>`;
  if (!/^[A-Za-z0-9+/=]*$/.test(block.base64)) throw new Error(`${block.id} is not base64`);
  return `<script type="text/plain" id="${id}">${block.base64}</script>`;
}

interface Script {
  readonly text: string;
  readonly hash: string;
}

function linkedScripts(sections: readonly Section[]): Script[] {
  const entries = new Set(sections.flatMap((section) => section.scripts ?? []).map(({ href }) => href));
  return [...entries].map((href) => script(linked(new URL(href)), ' type="module"'));
}

/** A script element, and what the policy knows it by. */
function script(text: string, attributes: string): Script {
  // Where these stand in a program, it is in strings and regular expressions, in which an escape means the same.
  const safe = `\n${text.replace(/<(?=\/script|!--)/gi, '\\x3c')}\n`;
  return {
    text: `<script${attributes}>${safe}</script>`,
    hash: createHash('sha256').update(safe).digest('base64'),
  };
}
