#!/usr/bin/env node
/** The command `continuum`. */
import { limitBehind } from '../native/limits.js';

try {
  const { main } = await import('./program.js');
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Nothing has run yet: its own files could not be read, or there are too many of them.
  const limit = limitBehind(String(error));
  if (limit === undefined) throw error;
  process.stderr.write(`continuum: ${String(error)}; ${limit}\n`);
  process.exitCode = 1;
}
