/** What is needed to run the compiled tests as a user without any privilege. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ended } from './child.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BINARY = join('native', 'build', 'Release', 'continuum.node');

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The user nobody, by its entry in passwd(5). */
export function nobody(): User | undefined {
  const entry = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return entry ? { uid: Number(entry[1]), gid: Number(entry[2]) } : undefined;
}

/** A build of the project that a user may read, and a folder that it may write. */
export class Sandbox {
  /** To be removed by whoever made it. */
  readonly folder: string;
  private readonly root: string;

  constructor(private readonly user: User) {
    this.folder = mkdtempSync(join(tmpdir(), 'continuum-nobody-'));
    chownSync(this.folder, user.uid, user.gid);
    this.root = this.mayRead(ROOT) ? ROOT : this.copyBuild();
  }

  /** Runs a compiled test file, by its path below dist/test. */
  run(file: string, env: Readonly<Record<string, string>>, deadlineMs: number): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(this.root, 'dist', 'test', file)], {
        ...{ cwd: this.folder, uid: this.user.uid, gid: this.user.gid, stdio: ['ignore', 'pipe', 'pipe'] },
        env: { PATH: process.env.PATH, HOME: this.folder, TMPDIR: this.folder, ...env },
      });
      let output = '';
      for (const stream of [child.stdout!, child.stderr!]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      }
      const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(deadline);
        resolve({ code, signal, output });
      });
    });
  }

  private mayRead(root: string): boolean {
    const wanted = [join(root, 'dist', 'test', 'run.js'), join(root, BINARY), packageFolder('piscina')];
    const script = 'for (const path of process.argv.slice(1)) fs.accessSync(path, fs.constants.R_OK)';
    const { uid, gid } = this.user;
    return spawnSync(process.execPath, ['-e', script, ...wanted], { uid, gid, cwd: this.folder }).status === 0;
  }

  /** What the tests of gc/ and heap/ load, where everybody may read it. */
  private copyBuild(): string {
    const root = join(this.folder, 'build');
    mkdirSync(join(root, dirname(BINARY)), { recursive: true });
    for (const path of ['dist', 'package.json', join('native', 'binding.gyp'), BINARY])
      cpSync(join(ROOT, path), join(root, path), { recursive: true });
    for (const name of dependenciesOf(['piscina', 'uvu'])) {
      cpSync(packageFolder(name), join(root, 'node_modules', name), { recursive: true, dereference: true });
    }
    openToAll(root);
    return root;
  }
}

function packageFolder(name: string): string {
  return join(ROOT, 'node_modules', name);
}

/** These packages, and all that they need. */
function dependenciesOf(names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const add = (name: string) => {
    if (found.has(name) || !existsSync(packageFolder(name))) return;
    found.add(name);
    const about = JSON.parse(readFileSync(join(packageFolder(name), 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    for (const needed of Object.keys(about.dependencies ?? {})) add(needed);
  };
  for (const name of names) add(name);
  return found;
}

function openToAll(path: string): void {
  chmodSync(path, 0o755);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) openToAll(join(path, entry.name));
    else chmodSync(join(path, entry.name), 0o755);
  }
}
