// deadline: 300s
/** Dumps of a JDK that is here, by each of its ways: what is known of the heap is what is read. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importWithReport } from '../../../bench/graph/import.js';
import { findJavaHomes } from '../../../bench/peers/java-homes.js';
import { Scratch } from './graph-files.js';

const scratch = new Scratch();
// Compiled code is in dist/test/bench/graph/; the program stays with the sources.
const program = fileURLToPath(new URL('../../../../test/support/HeapToDump.java', import.meta.url));
const tools = ['java', 'javac', 'jcmd', 'jhsdb'];
// One of them will do: a JVM takes its time.
const homes = findJavaHomes()
  .filter((home) => tools.every((tool) => existsSync(join(home, 'bin', tool))))
  .slice(0, 1);
if (homes.length === 0) console.log('skipped: no heap of a JVM is dumped, there is no JDK');

const patience = { timeout: 100_000, killSignal: 'SIGKILL', stdio: 'ignore' } as const;

/** Objects of the class that is known, all objects, and classes that became roots. */
async function thingsIn(path: string) {
  const { graph, report } = await importWithReport(path);
  const thing = graph.classes.findIndex(({ name }) => name === 'HeapToDump$Thing');
  const things = graph.classOf.reduce((count, index) => count + Number(index === thing), 0);
  return { things, objects: graph.objectCount, bootRoots: report.bootRoots };
}

for (const home of homes) {
  test(`${home}: plain, compressed, and by the serviceability agent`, async () => {
    const at = (tool: string) => join(home, 'bin', tool);
    execFileSync(at('javac'), ['-d', scratch.folder, program], patience);
    const child = spawn(at('java'), ['-XX:+UseSerialGC', '-Xmx64m', '-cp', scratch.folder, 'HeapToDump'], {
      ...{ stdio: ['ignore', 'pipe', 'ignore'], timeout: 200_000, killSignal: 'SIGKILL' },
    });
    try {
      await firstWords(child);
      const dump = (name: string, ...options: string[]) => {
        const path = scratch.path(name);
        execFileSync(at('jcmd'), [String(child.pid), 'GC.heap_dump', ...options, path], patience);
        return path;
      };
      const plain = await thingsIn(dump('plain.hprof'));
      const packed = dump('packed.hprof', '-gz=1');
      assert.equal([...readFileSync(packed).subarray(0, 2)], [0x1f, 0x8b]);
      const { things, bootRoots } = await thingsIn(packed);
      assert.equal([plain.things, plain.bootRoots, things, bootRoots], [1000, 0, 1000, 0]);

      const agents = scratch.path('agent.hprof');
      try {
        const how = ['jmap', '--binaryheap', '--dumpfile', agents, '--pid', String(child.pid)];
        execFileSync(at('jhsdb'), how, patience);
      } catch {
        console.log(`skipped: jhsdb of ${home} may not look at another process here`);
        return;
      }
      const agent = await thingsIn(agents);
      assert.is(agent.things, 1000);
      assert.ok(agent.bootRoots > 300, `${agent.bootRoots} classes`);
      assert.ok(agent.objects > 0.7 * plain.objects, `${agent.objects} of ${plain.objects}`);
    } finally {
      child.kill('SIGKILL');
    }
  });
}

/** Comes when the child has said something. */
function firstWords(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`java ended by ${signal ?? code}`)));
    child.stdout?.once('data', () => resolve());
  });
}

test.run();
