/** What about the place and the sample makes figures worth less. */
import type { Environment, ResultLine } from '../schema.js';
import { significant } from '../sizes.js';

/** Load before an invocation, a core, above which somebody else was at work too. */
const busy = 0.5;
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
    ...tooFewCores(lines),
    ...loaded(lines),
    ...fewInvocations(lines),
  ];
}

function tooFewCores(lines: readonly ResultLine[]): string[] {
  const short = lines.filter(({ config, environment }) => config.mutators + config.gcWorkers > environment.cores);
  if (short.length === 0) return [];
  const { config, environment } = short[0];
  const threads = `${config.mutators} mutators and ${config.gcWorkers} collector workers`;
  return [`There are fewer cores (${environment.cores}) than threads asked for (${threads}): they took turns.`];
}

function loaded(lines: readonly ResultLine[]): string[] {
  // The first invocation of a sweep is the one that its own predecessors cannot have loaded.
  const [first] = [...lines].sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  if (!first) return [];
  const { loadAverage, cores } = first.environment;
  if (loadAverage[0] <= busy * cores) return [];
  return [
    `The machine was busy before the first invocation: a load of ${significant(loadAverage[0])} on ${cores} cores.`,
  ];
}

function fewInvocations(lines: readonly ResultLine[]): string[] {
  const most = Math.max(0, ...lines.map(({ invocation }) => invocation + 1));
  if (most >= customary) return [];
  const each = most === 1 ? 'One invocation' : `${most} invocations`;
  return [`${each} a configuration: small differences may be chance (${customary} are customary).`];
}
