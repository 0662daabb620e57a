// clang-tidy over all C++ of the project, with the checks of .clang-tidy. Two files at a time.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { findTool, root } from './build.mjs';

/** Folders of sources, and what is on their include path besides themselves. */
const FOLDERS = [
  { folder: 'native/src', include: ['native/src'] },
  { folder: 'native/limits', include: ['native/limits', 'native/src'] },
  { folder: 'test/sanitize/stress', include: ['test/sanitize/stress', 'native/src'] },
  { folder: 'test/sanitize/fuzz', include: ['test/sanitize/fuzz', 'native/src'] },
];

export const findTidy = () => findTool('clang-tidy-14', 'clang-tidy');

/** What Node-API and V8 need, as system headers, so that nobody is told about them. */
function nodeHeaders() {
  const addon = dirname(createRequire(import.meta.url).resolve('node-addon-api/package.json'));
  const node = join(resolve(dirname(process.execPath), '..'), 'include', 'node');
  return ['-isystem', addon, '-isystem', node, '-DNAPI_VERSION=8', '-DNODE_ADDON_API_DISABLE_DEPRECATED'];
}

function check(tool, { file, include }) {
  const flags = ['-std=c++20', '-fno-exceptions', '-DNAPI_DISABLE_CPP_EXCEPTIONS', ...nodeHeaders()];
  if (file.includes('/inject/')) flags.push('-DCONTINUUM_INJECT'); // of the test build only
  const paths = include.flatMap((path) => ['-I', join(root, path)]);
  return new Promise((done, reject) => {
    const child = spawn(tool, ['--quiet', file, '--', ...flags, ...paths], { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    child.once('error', reject);
    child.once('close', (code) => done({ code, said }));
  });
}

/** Returns how many files clang-tidy finds something in; says what. `only`: parts of paths. */
export async function tidy(tool, only = []) {
  const files = FOLDERS.flatMap(({ folder, include }) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.cc'))
      .map((name) => ({ file: join(root, folder, name), include })),
  ).filter(({ file }) => only.length === 0 || only.some((part) => file.includes(part)));
  const waiting = [...files];
  let bad = 0;
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { code, said } = await check(tool, next);
      if (code === 0) continue;
      bad++;
      console.log(`${relative(root, next.file)}:\n${said}`);
    }
  };
  await Promise.all([work(), work()]);
  console.log(`clang-tidy: ${files.length} files, ${bad} with findings`);
  return bad;
}
