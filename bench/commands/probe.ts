/** `continuum probe`: what this kernel and this user can do, what is missing, and what to change. */
import type { KernelProbe } from '../../native/index.js';
import { glibcVersion } from '../../native/limits.js';
import { complaintLine, exitCodes } from '../errors.js';
import { type ResolutionName, resolutions } from '../options/choices.js';
import { tableWidth } from '../report/table.js';
import { approximateSize } from '../sizes.js';
import { type Style, styleFor, wrap } from '../style.js';
import { obstacle, runnable } from './preflight.js';

/** Prints the probe. Answers 0 when continue or copy can run here, else 1, with the line that says what to change. */
export async function probeCommand(json: boolean): Promise<number> {
  const { probeKernel } = await import('../../native/index.js');
  const probe = probeKernel();
  const style = styleFor(process.stdout);
  process.stdout.write(json ? `${JSON.stringify(probe, undefined, 2)}\n` : `${describeProbe(probe, style)}\n`);
  if (runnable(probe).some((name) => resolutions[name].watched)) return exitCodes.ok;
  process.stderr.write(`${complaintLine(obstacle(probe, 'continue'))}\n`);
  return exitCodes.failed;
}

const nameWidth = 20;
const stateWidth = 9;
const detailColumn = 2 + nameWidth + stateWidth;

/** The probe as text. */
export function describeProbe(probe: KernelProbe, style: Style): string {
  const sections = [
    machine(probe),
    section('userfaultfd by', probe.ways, style, ({ openedBy, ok, detail }) => row(openedBy, ok ? 'ok' : 'no', detail)),
    section('tried out', Object.entries(probe.checks), style, ([name, { outcome, detail }]) =>
      row(name, outcome === 'failed' ? 'no' : outcome, detail),
    ),
    features(probe, style),
    resolutionsOf(probe, style),
    section('missing', probe.missing, style, ({ what, why, remedy }) => `  ${what}: ${why}; ${remedy}`, 4),
  ];
  return sections.filter((text) => text !== '').join('\n\n');
}

function machine(probe: KernelProbe): string {
  const cores = `${probe.cores} core${probe.cores === 1 ? '' : 's'}`;
  const huge = probe.transparentHugePages;
  const unprivileged = probe.unprivilegedUserfaultfd;
  return [
    `Linux ${probe.kernel}, ${probe.architecture}, ${cores}, pages of ${approximateSize(probe.pageSize)}, uid ${probe.uid}, ` +
      `glibc ${glibcVersion() ?? 'missing, which the addon needs'}`,
    `vm.unprivileged_userfaultfd ${unprivileged === null ? 'absent' : Number(unprivileged)}, ` +
      `vm.max_map_count ${probe.maxMapCount ?? 'unknown'}, memfd ${probe.memfd ? 'ok' : 'missing'}`,
    `transparent huge pages: ${huge ? `anonymous ${huge.enabled}, shared ${huge.shmem}` : 'absent'}; ` +
      `2 MiB pages reserved: ${probe.hugePages.total}, free: ${probe.hugePages.free}`,
  ].join('\n');
}

function features({ features: offered }: KernelProbe, style: Style): string {
  const names = Object.entries(offered);
  const yes = names.flatMap(([name, has]) => (has ? [name] : []));
  const no = names.flatMap(([name, has]) => (has ? [] : [name]));
  const lines = [`${style.bold('features')}`, `  offered: ${yes.join(' ') || 'none'}`];
  if (no.length) lines.push(`  not offered: ${no.join(' ')}`);
  return lines.map((line) => wrap(line, tableWidth, '    ')).join('\n');
}

function resolutionsOf(probe: KernelProbe, style: Style): string {
  const can = runnable(probe);
  const names = Object.entries(resolutions);
  return section('resolutions', names, style, ([name, { publishCall }]) =>
    row(name, can.includes(name as ResolutionName) ? 'ok' : 'no', `publishes by ${publishCall}`),
  );
}

function section<T>(
  title: string,
  items: readonly T[],
  style: Style,
  line: (item: T) => string,
  indent = detailColumn,
): string {
  if (items.length === 0) return '';
  return [style.bold(title), ...items.map((item) => wrap(line(item), tableWidth, ' '.repeat(indent)))].join('\n');
}

function row(name: string, state: string, detail: string): string {
  return `  ${name.padEnd(nameWidth)}${state.padEnd(stateWidth)}${detail}`.trimEnd();
}
