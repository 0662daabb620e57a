/** What about the place and the sample makes figures worth less. */
import type { Environment, ResultLine } from '../schema/index.js';

/** Invocations that the custom of the field asks for. */
const customary = 20;

/** Sentences, the gravest first. */
export function warningsOf(lines: readonly ResultLine[]): string[] {
  const environments = lines.map(({ environment }) => environment);
  const several = (what: string, of: (environment: Environment) => unknown): string[] => {
    const values = [...new Set(environments.map((environment) => String(of(environment))))];
    return values.length > 1 ? [`Lines of different ${what} are side by side: ${values.join(' and ')}.`] : [];
  };
  return [
    ...several('processors', ({ cpu, cores }) => `${cpu} (${cores} cores)`),
    ...several('kernels', ({ kernel }) => kernel),
    ...several('commits', ({ commit }) => commit ?? 'none'),
    ...recorded(lines),
    ...fewInvocations(lines),
  ];
}

/** What was said when the lines were measured, and of how many of them. */
function recorded(lines: readonly ResultLine[]): string[] {
  const counts = new Map<string, number>();
  for (const { environment } of lines) {
    for (const warning of environment.warnings ?? []) counts.set(warning, (counts.get(warning) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([warning, count]) =>
    count === lines.length ? warning : `${warning} (${count} of ${lines.length})`,
  );
}

function fewInvocations(lines: readonly ResultLine[]): string[] {
  const most = Math.max(0, ...lines.map(({ invocation }) => invocation + 1));
  if (most >= customary) return [];
  const each = most === 1 ? 'One invocation' : `${most} invocations`;
  return [`${each} a configuration: small differences may be chance (${customary} are customary).`];
}
