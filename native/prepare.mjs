// What npm runs in a clone after it has installed what the package needs: builds everything.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const missing = ['typescript', 'node-gyp'].filter((name) => {
  try {
    require.resolve(`${name}/package.json`);
    return false;
  } catch {
    return true;
  }
});
if (missing.length > 0) {
  process.stderr.write(
    `continuum: a clone is built by ${missing.join(' and ')}, which NODE_ENV=production and --omit=dev leave out: ` +
      'run npm ci --include=dev, or install a tarball of npm pack\n',
  );
  process.exit(1);
}
process.exitCode = spawnSync('npm', ['run', 'build'], { stdio: 'inherit' }).status ?? 1;
