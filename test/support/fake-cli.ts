/** The command line with a fake invocation and no kernel: `node fake-cli.js bench …`. */
import { fileURLToPath } from 'node:url';
import { main } from '../../bench/program.js';
import { someEnvironment } from './synthetic-results.js';

process.exitCode = await main(process.argv.slice(2), {
  script: fileURLToPath(new URL('./fake-invocation.js', import.meta.url)),
  environment: async () => () => someEnvironment,
  preflight: async () => {},
});
