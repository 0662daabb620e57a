#!/usr/bin/env node
/** The command `continuum`. */
import { main } from './program.js';

process.exitCode = await main(process.argv.slice(2));
