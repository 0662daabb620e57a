/** Every Java on the machine, and what each says of itself. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const answerMs = 30_000;

export interface JavaHome {
  readonly home: string;
  /** `OpenJDK 17.0.15`. */
  readonly runtime: string;
  /** 17. */
  readonly release: number;
  /** Whether it can compile. */
  readonly compiles: boolean;
}

export interface Places {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folders with a JDK in each of their folders. */
  readonly folders: readonly string[];
}

export const usualPlaces: Places = { env: process.env, folders: ['/usr/lib/jvm', '/opt/java', '/opt/jdk'] };

/** Homes in the order in which they are preferred, each once: links to the same one are followed. */
export function findJavaHomes({ env, folders }: Places = usualPlaces): string[] {
  const onPath = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const programs = [
    ...(env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin/java')] : []),
    ...onPath.map((folder) => join(folder, 'java')),
    ...folders.flatMap((folder) => entries(folder).map((name) => join(folder, name, 'bin/java'))),
  ];
  return [...new Set(programs.filter(existsSync).map((path) => dirname(dirname(realpathSync(path)))))];
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** What a home's `java` says; undefined when it does not run, or is not a HotSpot. */
export async function askJava(home: string): Promise<JavaHome | undefined> {
  try {
    const { stderr } = await run(join(home, 'bin/java'), ['-XshowSettings:properties', '-version'], options);
    const property = (name: string) =>
      new RegExp(`^\\s*${name.replaceAll('.', '\\.')} = (.*)$`, 'm').exec(stderr)?.[1].trim();
    const version = property('java.version');
    const machine = /^(?:Java )?(OpenJDK|HotSpot)/.exec(property('java.vm.name') ?? '')?.[1];
    if (version === undefined || machine === undefined) return undefined;
    const release = Number(/^(?:1\.)?(\d+)/.exec(version)?.[1]);
    return { home, runtime: `${machine} ${version}`, release, compiles: existsSync(join(home, 'bin/javac')) };
  } catch {
    return undefined;
  }
}

/** Whether a JVM starts with these flags: what it was built with differs from one vendor to the next. */
export async function starts({ home }: JavaHome, flags: readonly string[]): Promise<boolean> {
  try {
    await run(join(home, 'bin/java'), [...flags, '-version'], options);
    return true;
  } catch {
    return false;
  }
}

const options = { timeout: answerMs, killSignal: 'SIGKILL', env: { PATH: process.env.PATH, LC_ALL: 'C' } } as const;
