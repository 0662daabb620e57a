/** What is left of a round that failed: its settings, what it said, and the command that repeats it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nameOf } from '../support/ways.js';
import type { RoundSettings } from './settings.js';

export interface Failure {
  readonly folder: string;
  readonly round: RoundSettings;
  readonly why: string;
  readonly command: string;
}

const ENTRY = fileURLToPath(new URL('./index.js', import.meta.url));

/** `before`: rounds that the same process performed before it, all well. */
export function leaveFailure(
  folder: string,
  {
    seed,
    round,
    before,
    why,
    output,
  }: {
    readonly seed: number;
    readonly round: RoundSettings;
    readonly before: readonly RoundSettings[];
    readonly why: string;
    readonly output: string;
  },
): Failure {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  write('settings.json', json([round]));
  const command = commandFor(join(folder, 'settings.json'));
  let commands = command;
  if (before.length > 0) {
    write('all-settings.json', json([...before, round]));
    commands += `\n# with the ${before.length} rounds that the same process performed before it:\n`;
    commands += commandFor(join(folder, 'all-settings.json'));
  }
  write('command.txt', `${commands}\n`);
  write('why.txt', `seed ${seed}, round ${round.round}: ${describe(round)}\n${why}\n`);
  write('output.txt', output);
  return { folder, round, why, command };
}

function commandFor(file: string): string {
  return `node ${ENTRY} --repeat ${file}`;
}

/** A round in a line. */
export function describe({ program, way, choices, pageBytes, injection, fresh }: RoundSettings): string {
  const parts = [
    `${program.kind} (${program.heapMiB} MiB, ${program.mutators} mutators)`,
    nameOf(way),
    choices.barrier === 'kernel' && 'kernel barrier',
    choices.poison && 'poison',
    pageBytes > 4096 && 'huge pages',
    ...Object.keys(injection).filter((name) => name !== 'most'),
    fresh && 'a process of its own',
  ];
  return parts.filter(Boolean).join(', ');
}
