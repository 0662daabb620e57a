/**
 * One invocation in its process: `node invocation.js '<configuration as JSON>' [trace file to write]`. Tells the parent
 * over Node's channel how it is doing, and at last the result or why there is none (protocol.ts); without a parent it
 * prints the last word.
 *
 * Exit code 0: measured, and to be trusted. 1: an error was sent, beside the result or in its place. It always ends by
 * process.exit, which closes the userfaultfd (native/loader.ts) and so wakes threads that wait for a page.
 */

import { configSchema, type InvocationConfig, issueText } from '../schema/index.js';
import type { ChildMessage } from '../schema/protocol.js';
import { failureFrom, RunFailure } from './failures.js';
import { type Gate, measure, type Tell } from './run.js';

const exits = { ok: 0, failed: 1, signal: 128, orphaned: 1 } as const;
const signals = { SIGINT: 2, SIGTERM: 15 } as const;

async function main(): Promise<number> {
  for (const [signal, number] of Object.entries(signals)) {
    process.on(signal, () => process.exit(exits.signal + number));
  }
  process.on('disconnect', () => process.exit(exits.orphaned));
  try {
    const { texts, ...result } = await measure(readConfig(process.argv[2]), tell, process.argv[3], gate);
    await say({ type: 'result', result, ...(texts && { texts }) });
    return result.error === undefined ? exits.ok : exits.failed;
  } catch (error) {
    await say({ type: 'error', error: failureFrom(error) });
    return exits.failed;
  }
}

function readConfig(text: string | undefined): InvocationConfig {
  const read = configSchema.safeParse(parseJson(text ?? 'null'));
  if (read.success) return read.data;
  const message = `the configuration is not one: ${issueText(read.error)}`;
  throw new RunFailure({ code: 'USAGE', message, hint: 'use continuum bench, which makes it' });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const tell: Tell = (progress) => {
  process.send?.({ type: 'progress', ...progress });
};

/** Waits for the parent's word; without a parent there is nobody else whose turn it could be. */
const gate: Gate = (awaited) => {
  if (process.send === undefined) return Promise.resolve();
  process.send({ type: 'waiting', awaited });
  return new Promise((resolve) => process.once('message', () => resolve()));
};

/** The last word: resolves once it has left this process. */
async function say(message: ChildMessage): Promise<void> {
  if (process.send === undefined) {
    process.stdout.write(`${JSON.stringify(message)}\n`);
    return;
  }
  await new Promise<void>((resolve) => process.send?.(message, undefined, {}, () => resolve()));
}

process.exit(await main());
