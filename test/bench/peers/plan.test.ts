/** Which runtimes are found, what is run on them, and what is said of the rest. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { askJava, findJavaHomes, type Places } from '../../../bench/peers/java-homes.js';
import { findRuntimes, planPeers } from '../../../bench/peers/plan.js';
import { MiB } from '../../../bench/sizes.js';
import { copyConfig, someConfig } from '../../support/synthetic-results.js';

const root = mkdtempSync(join(tmpdir(), 'continuum-java-'));
test.after(() => rmSync(root, { recursive: true, force: true }));

interface Fake {
  readonly version: string;
  readonly machine?: string;
  /** Flags it does not know. */
  readonly refuses?: string;
  readonly javac?: boolean;
}

/** A program that answers as `java` does. */
function fakeJava(
  name: string,
  { version, machine = 'OpenJDK 64-Bit Server VM', refuses, javac = true }: Fake,
): string {
  const bin = join(root, name, 'bin');
  mkdirSync(bin, { recursive: true });
  const says = [
    '#!/bin/sh',
    ...(refuses ? [`case "$*" in *${refuses}*) echo "Option not supported" >&2; exit 1;; esac`] : []),
    `printf 'Property settings:\\n    java.version = ${version}\\n    java.vm.name = ${machine}\\n' >&2`,
  ];
  write(join(bin, 'java'), says.join('\n'));
  if (javac) write(join(bin, 'javac'), '#!/bin/sh');
  return join(root, name);
}

function write(file: string, text: string): void {
  writeFileSync(file, `${text}\n`);
  chmodSync(file, 0o755);
}

const places = (more: Partial<Places> = {}): Places => ({ env: {}, folders: [root], ...more });

const old = fakeJava('jdk-11', { version: '11.0.2' });
const first = fakeJava('jdk-17', { version: '17.0.1', refuses: 'UseShenandoahGC' });
const same = fakeJava('jdk-17-again', { version: '17.0.1' });
const latest = fakeJava('jdk-25', { version: '25.0.3' });
const runtimeOnly = fakeJava('jre-21', { version: '21.0.4', javac: false });
const other = fakeJava('openj9', { version: '21.0.1', machine: 'Eclipse OpenJ9 VM' });
mkdirSync(join(root, 'empty'));

test('homes: JAVA_HOME first, then PATH, then the usual folders, links followed, each once', () => {
  const link = join(root, 'a-link');
  symlinkSync(latest, link);
  const env = { JAVA_HOME: latest, PATH: `/nowhere::${join(first, 'bin')}` };
  const homes = findJavaHomes(places({ env }));
  rmSync(link);
  assert.equal(homes.slice(0, 2), [latest, first]);
  assert.equal([...homes].sort(), [latest, first, old, same, runtimeOnly, other].sort());
  assert.equal(findJavaHomes({ env: { JAVA_HOME: '/nowhere' }, folders: [join(root, 'nowhere')] }), []);
});

test('a java says what it is; what is not one says nothing', async () => {
  assert.equal(await askJava(first), { home: first, runtime: 'OpenJDK 17.0.1', release: 17, compiles: true });
  assert.is(await askJava(other), undefined);
  assert.is(await askJava(join(root, 'empty')), undefined);
});

test('each collector of each usable JVM, and a reason for every one that is not', async () => {
  const { candidates, leftOut } = await findRuntimes(['zgc', 'shenandoah', 'v8'], places());
  assert.equal(
    candidates.map(({ peer, mode, java }) => [peer, java.release, mode]),
    [
      ['zgc', 17, undefined],
      ['zgc', 25, undefined],
      ['shenandoah', 25, undefined],
      ['shenandoah', 25, 'generational'],
    ],
  );
  const said = leftOut.join('\n');
  assert.is(leftOut.length, 4, said);
  assert.match(said, 'OpenJDK 11.0.2: the workloads need 17 or later');
  assert.match(said, 'OpenJDK 21.0.4: it has no javac; install its JDK');
  assert.match(said, `peers on ${other}: its java does not say that it is an OpenJDK or HotSpot`);
  assert.match(said, `shenandoah: OpenJDK 17.0.1 in ${first} has none`);
});

test('without any JDK: one line that says how to get one; v8 needs none', async () => {
  const nowhere: Places = { env: {}, folders: [join(root, 'empty')] };
  const { candidates, leftOut } = await findRuntimes(['serial', 'g1', 'v8'], nowhere);
  assert.equal(candidates, []);
  assert.is(leftOut.length, 1);
  assert.match(leftOut[0], /^serial, g1: no JDK in JAVA_HOME, .*install JDK 17 or later .*or set JAVA_HOME$/);
  assert.equal(await findRuntimes(['v8'], nowhere), { candidates: [], leftOut: [] });
  const { configs } = planPeers(['serial', 'g1', 'v8'], [churn], { candidates, leftOut });
  assert.equal(
    configs.map(({ peer }) => peer),
    ['v8'],
  );
});

const churn = { ...someConfig, workload: 'churn' } as const;

test('a peer runs once for each size and heap, however many ways of ours there are', async () => {
  const runtimes = await findRuntimes(['serial'], { env: {}, folders: [dirname(join(first, 'bin'))] });
  assert.equal(runtimes.candidates, []); // a folder of JDKs is looked into, a JDK itself is not one
  const found = await findRuntimes(['serial'], { env: { JAVA_HOME: first }, folders: [] });
  const heaps = [churn, { ...churn, ...copyConfig, workload: 'churn' } as const, { ...churn, heapBytes: 256 * MiB }];
  const { configs, leftOut } = planPeers(['serial'], heaps, found);
  assert.equal(
    configs.map(({ peer, runtime, heapBytes }) => [peer, runtime, heapBytes / MiB]),
    [
      ['serial', 'OpenJDK 17.0.1', 128],
      ['serial', 'OpenJDK 17.0.1', 256],
    ],
  );
  assert.equal(leftOut, []);
});

test('a workload without a version for peers, several mutators on V8, and a rate are left out and said', () => {
  const runtimes = { candidates: [], leftOut: [] };
  const { configs, leftOut } = planPeers(
    ['v8'],
    [someConfig, { ...churn, mutators: 2 }, { ...churn, rate: 100 }],
    runtimes,
  );
  assert.equal(configs, []);
  assert.is(leftOut.length, 3);
  assert.match(leftOut[0], /^peers of javac: .*there is one of churn, gcbench, binarytrees, fullgc$/);
  assert.match(leftOut[1], 'v8 with more than one mutator');
  assert.match(leftOut[2], 'peers with --rate');
  assert.equal(planPeers([], [churn], runtimes), { configs: [], leftOut: [] });
});

test.run();
