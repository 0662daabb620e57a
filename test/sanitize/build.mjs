// Builds the programs of this folder: the kernels and the page protocol without Node, and what drives them. An object
// file is made again when its source, a header or the command has changed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, '..', '..');
const native = join(root, 'native', 'src');
const out = join(root, 'native', 'build', 'sanitize');

const COMMON = ['-std=c++20', '-g', '-Wall', '-Wextra', '-Werror', '-fno-exceptions', '-fno-omit-frame-pointer'];
const ASAN = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** What a program is checked by. `fuzz` needs clang; `plain` is for replaying, with any compiler. */
export const VARIANTS = {
  plain: ['-O1'],
  asan: ['-O1', ...ASAN],
  tsan: ['-O1', '-fsanitize=thread'],
  fuzz: ['-O1', ...ASAN, '-fsanitize=fuzzer-no-link', '-DCONTINUUM_FUZZER'],
};
const LINK = { fuzz: ['-fsanitize=fuzzer'] };

/** The first of the compilers that is there, or null. */
export function findTool(...names) {
  return names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0) ?? null;
}

export const findClang = () => findTool(...(process.env.CLANGXX ? [process.env.CLANGXX] : []), 'clang++-14', 'clang++');

/** Every .cc and .h below a folder. */
function sources(folder, end) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(end))
    .map((file) => join(folder, file))
    .sort();
}

/** What of native/src knows no JavaScript. */
export function plainSources(...folders) {
  return folders
    .flatMap((folder) => sources(join(native, folder), '.cc'))
    .filter((file) => !/binding|array_buffer/.test(file));
}

/** Of a program, by name: its sources. */
export const PROGRAMS = {
  stress: () => [
    ...plainSources('kernels', 'pages', 'memory', 'threads', 'userfaultfd'),
    ...sources(join(here, 'stress'), '.cc'),
  ],
  fuzz: () => [...plainSources('kernels'), ...sources(join(here, 'fuzz'), '.cc')],
};

/** Builds `program` as `variant`; the path of the executable. Throws with the compiler's words. */
export async function build(compiler, program, variant) {
  const folder = join(out, variant);
  mkdirSync(folder, { recursive: true });
  const march = process.arch === 'x64' ? ['-march=x86-64-v2'] : [];
  const flags = [...COMMON, ...march, ...VARIANTS[variant], '-I', native, '-I', join(here, program)];
  const headers = [...sources(native, '.h'), ...sources(here, '.h')];
  const newest = Math.max(...headers.map((file) => statSync(file).mtimeMs));
  const objects = PROGRAMS[program]().map((source) => {
    const command = [...flags, '-c', source];
    const key = createHash('sha256')
      .update(JSON.stringify([compiler, command]))
      .digest('hex')
      .slice(0, 12);
    const object = join(folder, `${relative(root, source).replaceAll('/', '-')}.${key}.o`);
    return { command: [...command, '-o', object], object, old: isOlder(object, newest, statSync(source).mtimeMs) };
  });
  const waiting = objects.filter(({ old }) => old);
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await run(compiler, next.command);
  };
  const stale = waiting.length > 0;
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  const executable = join(folder, program);
  const list = `${compiler} ${objects.map(({ object }) => object).join(' ')}`;
  if (stale || readOr(`${executable}.list`) !== list) {
    const link = [...VARIANTS[variant], ...(LINK[variant] ?? []), ...objects.map(({ object }) => object), '-lpthread'];
    await run(compiler, [...link, '-o', executable]);
    writeFileSync(`${executable}.list`, list);
  }
  return executable;
}

function isOlder(object, ...times) {
  const made = statSync(object, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return times.some((time) => time > made);
}

function readOr(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    child.stderr.on('data', (text) => (said += text));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}:\n${said.slice(0, 8000)}`)),
    );
  });
}

// node build.mjs PROGRAM VARIANT: prints the executable's path. `plain` takes g++ where there is no clang.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [program, variant] = process.argv.slice(2);
  const compiler = variant === 'plain' ? findTool('g++-12', 'g++', 'clang++-14', 'clang++') : findClang();
  if (compiler === null) {
    console.error('no compiler is installed');
    process.exit(3);
  }
  console.log(await build(compiler, program, variant));
}
