/** What a soak says while it runs, and at its end. */
import { formatCount, formatDuration } from '../../bench/sizes.js';
import type { Outcome } from './outcome.js';
import type { Soak, SoakResult } from './soak.js';

export function progressLine({ sum, mark, failures }: Soak['progress'], current: string, ms: number): string {
  return (
    `${formatDuration(ms)}: ${sum.rounds} rounds, ${formatCount(sum.cycles)} cycles, ${formatCount(faultsOf(sum))} faults, ` +
    `${sum.losses} threads lost, ${formatCount(sum.delays)} delays, ${formatCount(sum.refused)} refused calls, ${failures} failures; ${current} (${mark})`
  );
}

export function summary({ sum, failures, longest, interrupted }: SoakResult, seed: number, ms: number): string {
  const { minor, missing, signal } = sum.faults;
  const lines = [
    `${formatDuration(ms)} of soak by seed ${seed}${interrupted ? ', interrupted' : ''}`,
    `  ${sum.rounds} rounds, ${formatCount(sum.cycles)} cycles, ${formatCount(sum.compactions)} of them moved objects`,
    `  ${formatCount(faultsOf(sum))} faults: ${formatCount(minor)} minor, ${formatCount(missing)} missing, ${formatCount(signal)} by signal`,
    `  ${formatCount(sum.operations)} operations, ${formatCount(sum.outOfMemory)} out of memory`,
    `  injected: ${sum.losses} threads lost, ${formatCount(sum.delays)} delays, ${formatCount(sum.refused)} system calls refused`,
    ...Object.entries(sum.incidents).map(([kind, count]) => `  ${count} × incident: ${kind}`),
    ...Object.entries(sum.skipped).map(([why, count]) => `  skipped: ${count} × ${why}`),
    `  ${formatCount(sum.compared)} times a heap was compared with what it must be`,
  ];
  if (longest !== undefined) {
    const { first, last, rounds } = longest;
    const held = (['descriptors', 'threads', 'mappings', 'virtualMiB', 'rssMiB', 'pssMiB'] as const).map(
      (what) => `${what} ${first[what].toFixed(0)} → ${last[what].toFixed(0)}`,
    );
    lines.push(`  the process of ${rounds} rounds held: ${held.join(', ')}`);
  }
  for (const { folder, why, command } of failures) {
    lines.push(`  FAILED: ${why.split('\n')[0]}`, `    ${folder}`, `    ${command}`);
  }
  lines.push(failures.length === 0 ? '  nothing lost' : `  ${failures.length} rounds failed`);
  return lines.join('\n');
}

function faultsOf({ faults }: Outcome): number {
  return faults.minor + faults.missing + faults.signal;
}
