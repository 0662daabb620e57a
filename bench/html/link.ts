/**
 * Modules of the page made into one text that an inline script can hold: each once, after those it imports, in one scope.
 *
 * They import each other by relative path and by name, without `as`, `*`, default or re-export; their top-level names
 * differ. Types are gone by the time they get here. What does not keep to that is refused, not guessed at.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Complaint, messageOf } from '../errors.js';

const imported = /^import (?:\{([^}]*)\} from )?'([^']+)';$/gm;
const exported = /^export (?=(?:async )?(?:const|let|class|function)\b)/gm;
const nothing = /^export \{\s*\};$/gm;
const declared = /^(?:export )?(?:async )?(?:const|let|class|function\*?) ([A-Za-z_$][\w$]*)/gm;
const leftOver = /^(?:import|export)\b.*$/m;

/**
 * The text of a compiled module with all that it imports.
 * @throws Complaint when a module is missing or says what cannot be linked.
 */
export function linked(entry: URL): string {
  const texts: string[] = [];
  const owners = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (module: URL): void => {
    if (seen.has(module.href)) return;
    seen.add(module.href);
    const source = read(module);
    for (const [statement, names = '', path] of source.matchAll(imported)) {
      if (!path.startsWith('.') || /\bas\b/.test(names)) throw refused(module, statement);
      visit(new URL(path, module));
    }
    for (const [, name] of source.matchAll(declared)) {
      const owner = owners.get(name);
      if (owner) throw refused(module, `${name}, which ${owner} has as well`);
      owners.set(name, module.pathname);
    }
    texts.push(bare(source, module));
  };
  visit(entry);
  return texts.join('\n');
}

function bare(source: string, module: URL): string {
  const text = source
    .replace(imported, '')
    .replace(nothing, '')
    .replace(exported, '')
    .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
    .trim();
  const rest = leftOver.exec(text);
  if (rest) throw refused(module, rest[0]);
  return text;
}

function read(module: URL): string {
  try {
    return readFileSync(fileURLToPath(module), 'utf8');
  } catch (error) {
    throw new Complaint('NOT_BUILT', `a script of the report is missing: ${messageOf(error)}`, 'run npm run build');
  }
}

function refused(module: URL, what: string): Complaint {
  return new Complaint('NOT_LINKED', `${module.pathname} cannot be inlined: ${what}`, 'see bench/html/link.ts');
}
