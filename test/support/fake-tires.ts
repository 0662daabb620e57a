/** `continuum kick-the-tires` with a fake invocation, on a kernel that cannot do what CONTINUUM_UNABLE names. */
import { fileURLToPath } from 'node:url';
import { Complaint } from '../../bench/errors.js';
import { main } from '../../bench/program.js';
import { someEnvironment } from './synthetic-results.js';

const unable = (process.env.CONTINUUM_UNABLE ?? '').split(',');

process.exitCode = await main(['kick-the-tires', ...process.argv.slice(2)], {
  script: fileURLToPath(new URL('./fake-invocation.js', import.meta.url)),
  environment: async () => () => someEnvironment,
  preflight: async (configs) => {
    const lacking = configs.find(({ resolution }) => unable.includes(resolution));
    if (lacking) throw new Complaint('CANNOT_RUN', `${lacking.resolution} cannot run here`, 'use another kernel');
  },
});
