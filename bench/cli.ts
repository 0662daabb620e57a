#!/usr/bin/env node
/** The command `continuum`. */
import { exitCodes } from './errors.js';
import { main } from './program.js';

// `continuum bench --json | head -1`: whoever reads us is gone, so there is nobody left to measure for.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.failed);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
