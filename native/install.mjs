// What npm runs where the package is installed from a tarball, which has the compiled JavaScript and the addon's sources:
// builds the addon. In a clone everything is built by prepare.mjs, which npm runs there after this.
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../tsconfig.json', import.meta.url))) {
  process.argv.push('--addon');
  await import('./build.mjs');
}
