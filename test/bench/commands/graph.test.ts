import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { graphImportCommand, type ImportTyped } from '../../../bench/commands/graph.js';
import { Complaint } from '../../../bench/errors.js';
import { HprofWriter } from '../../support/hprof-writer.js';
import { Scratch } from '../graph/graph-files.js';

const scratch = new Scratch();
const cli = fileURLToPath(new URL('../../../bench/cli.js', import.meta.url));

test('what is asked for wrongly is said before anything is read', async () => {
  const cases: [Omit<ImportTyped, 'out'>, RegExp][] = [
    [{ sample: '0' }, /--sample cannot be '0'; it must be above 0/],
    [{ sample: '1.5' }, /--sample cannot be '1.5'; it must be a share up to 1, or a whole number/],
    [{ sample: 'half' }, /--sample cannot be 'half'; it must be a share such as 1\/8/],
    [{ sample: '1/8', seed: '-1' }, /--seed cannot be '-1'; it must be at least 0/],
    [{ seed: '1' }, /--seed draws a sample, and there is none; give --sample as well/],
    [{ dump: '0' }, /--dump cannot be '0'; it must be at least 1/],
  ];
  for (const [typed, pattern] of cases) {
    const error = await graphImportCommand('none', { out: scratch.path('out'), ...typed }).catch((error) => error);
    assert.instance(error, Complaint);
    assert.match(`${error.message}; ${error.hint}`, pattern);
    assert.is(error.exitCode, 2);
  }
});

test('what became of a dump that is not as the manual has it is said, a line each, with nothing raw', () => {
  const writer = new HprofWriter('1.0.2', 4);
  for (const dump of [0, 1]) {
    writer.record(0x0c, () => {
      writer.class({ id: 8, statics: [[2, 16 + 8 * dump]] });
      writer.instance(16, 8, []);
      writer.instance(24, 0x77, [10]);
      writer.instance(32, 8, []);
    });
  }
  const path = scratch.write('odd\u001b[31m.hprof', writer.bytes);
  const out = `${scratch.folder}/\u009bodd.heapgraph`;
  const args = [cli, 'graph', 'import', path, '-o', out, '--dump', '2', '--sample', '1'];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 }).trimEnd().split('\n');
  assert.match(lines[0], /\\x9bodd\.heapgraph: .*of JAVA PROFILE 1\.0\.2/);
  assert.equal(lines.slice(2), [
    'dump 2 of 2 in the file; --dump takes another',
    'left out, objects that nothing reaches: 2',
    'kept by size, instances of classes that are not in the dump: 1',
    'taken for roots, classes of the boot loader (no class is a root in the dump): 1',
  ]);
});

test.run();
