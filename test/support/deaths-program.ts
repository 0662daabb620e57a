/** A process of its own: threads that end by the bare system call, of which Node is never told. */
import { type DeathsOptions, runDeaths } from './deaths-run.js';

await runDeaths(JSON.parse(process.argv[2]!) as DeathsOptions);
console.log('end: all is well');
process.kill(process.pid, 'SIGKILL'); // Node would wait for what these threads never said
