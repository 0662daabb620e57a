/** Prints the probe as JSON; as the user whose number is the first argument, if there is one. */
import { probeKernel } from '../../native/probe.js';

const uid = process.argv[2];
if (uid !== undefined) process.setuid!(Number(uid));
process.stdout.write(JSON.stringify(probeKernel()));
