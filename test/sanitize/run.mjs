// The C++ of the project under sanitizers.
//
//     node test/sanitize/run.mjs [asan|tsan|fuzz|tidy …] [--seconds N] [--seed N]
//
// asan, tsan: the stress program under ASan with UBSan, and under TSan; N seconds each. fuzz: every target for N seconds,
// on the corpus. tidy: clang-tidy. Without a name all of them. Where clang is not installed it says so and succeeds,
// unless CI is set.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, findClang, findTool, root } from './build.mjs';
import { findTidy, tidy } from './tidy.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const scratch = join(root, 'native', 'build', 'sanitize');
const TARGETS = ['cycle', 'place', 'rescan', 'hostile'];

/**
 * Signals about a heap are ours: neither sanitizer may take SIGBUS or SIGSEGV for a crash before our handler has seen
 * them (allow_user_segv_handler lets us replace theirs; without a handler of ours the process ends all the same).
 */
const SIGNALS = 'handle_sigbus=0:handle_segv=0:allow_user_segv_handler=1';
const ENVIRONMENT = {
  ASAN_OPTIONS: `${SIGNALS}:detect_stack_use_after_return=1:strict_string_checks=1`,
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: `${SIGNALS}:halt_on_error=1:second_deadlock_stack=1:history_size=4`,
};

const JOBS = {
  asan: { seconds: 28, run: (clang, options) => stress(clang, 'asan', options) },
  tsan: { seconds: 28, run: (clang, options) => stress(clang, 'tsan', options) },
  fuzz: { seconds: 30, run: fuzz },
  tidy: { seconds: 0, run: runTidy },
};

async function stress(clang, variant, { seconds, seed }) {
  const program = await build(clang, 'stress', variant);
  const args = ['--seconds', seconds, ...(seed === undefined ? [] : ['--seed', seed])].map(String);
  // ThreadSanitizer wants addresses where older kernels put them: without randomisation they are there.
  const fixed = findTool('setarch') === null ? [] : ['setarch', process.arch === 'x64' ? 'x86_64' : 'aarch64', '-R'];
  const [command, ...rest] = [...fixed, program, ...args];
  return run(command, rest, {}, seconds + 120);
}

/** New inputs go to a scratch folder: what is worth keeping is put into the corpus by hand. */
async function fuzz(clang, { seconds, seed }) {
  const program = await build(clang, 'fuzz', 'fuzz');
  let failed = 0;
  for (const target of TARGETS) {
    const corpus = join(scratch, 'corpus', target);
    mkdirSync(corpus, { recursive: true });
    cpSync(join(here, 'corpus', target), corpus, { recursive: true });
    const before = readdirSync(corpus).length;
    const artifacts = `${join(scratch, `found-${target}-`)}`;
    const args = [`-max_total_time=${seconds}`, '-max_len=1024', '-timeout=20', `-artifact_prefix=${artifacts}`];
    if (seed !== undefined) args.push(`-seed=${seed}`);
    const quiet = { CONTINUUM_FUZZ_TARGET: target };
    const said = [];
    const code = await run(program, [...args, '-verbosity=1', corpus], quiet, seconds + 120, said);
    const done = /Done (\d+) runs in (\d+) second/.exec(said.join(''));
    console.log(
      code === 0
        ? `fuzz ${target}: ${done?.[1]} runs in ${done?.[2]} s, ${readdirSync(corpus).length - before} new inputs`
        : `fuzz ${target} failed:\n${said.join('').slice(-8000)}`,
    );
    failed ||= code;
  }
  return failed;
}

async function runTidy() {
  const tool = findTidy();
  if (tool === null) return missing('clang-tidy');
  return (await tidy(tool)) === 0 ? 0 : 1;
}

/** Runs a program, bounded. Its exit code; 1 where a signal or the deadline ended it. */
function run(command, args, environment, deadline, said) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...ENVIRONMENT, ...environment },
      stdio: ['ignore', said ? 'pipe' : 'inherit', said ? 'pipe' : 'inherit'],
    });
    child.stdout?.on('data', (text) => said.push(String(text)));
    child.stderr?.on('data', (text) => said.push(String(text)));
    const timer = setTimeout(() => {
      console.error(`${command} has not ended after ${deadline} s`);
      child.kill('SIGKILL');
    }, 1000 * deadline);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}

function missing(what) {
  console.log(
    `sanitize: ${what} is not installed${process.env.CI ? '' : ', skipped'} (Debian: clang-14, clang-tidy-14)`,
  );
  return process.env.CI ? 1 : 0;
}

function readArguments(args) {
  const options = {};
  const names = [];
  for (let i = 0; i < args.length; i++) {
    const name = /^--(seconds|seed)$/.exec(args[i])?.[1];
    if (name !== undefined) {
      options[name] = Number(args[++i]);
      if (!Number.isInteger(options[name]) || options[name] < 1)
        throw new Error(`--${name} takes a whole number from 1`);
    } else if (Object.hasOwn(JOBS, args[i])) names.push(args[i]);
    else throw new Error(`'${args[i]}' is none of ${Object.keys(JOBS).join(', ')}, --seconds N, --seed N`);
  }
  return { names: names.length > 0 ? names : Object.keys(JOBS), options };
}

async function main() {
  const { names, options } = readArguments(process.argv.slice(2));
  const clang = findClang();
  let failed = 0;
  for (const name of names) {
    if (clang === null && name !== 'tidy') {
      failed ||= missing('clang');
      continue;
    }
    console.log(`=== ${name}`);
    const code = await JOBS[name].run(clang, { seconds: JOBS[name].seconds, ...options });
    if (code !== 0) console.log(`=== ${name} failed`);
    failed ||= code;
  }
  return failed === 0 ? 0 : 1;
}

if (!existsSync(join(root, 'native', 'src'))) throw new Error(`${root} is not a checkout`);
try {
  process.exitCode = await main();
} catch (error) {
  console.error(`sanitize: ${error.message}`);
  process.exitCode = 2;
}
