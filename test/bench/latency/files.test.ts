/** The files beside the results file: written by the parent, whole or not at all. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Complaint } from '../../../bench/errors.js';
import { ResultsWriter } from '../../../bench/results/results.js';
import { someResult } from '../../support/synthetic-results.js';

const root = mkdtempSync(join(tmpdir(), 'continuum-files-'));
test.after(() => rmSync(root, { recursive: true, force: true }));

const texts = { hdrSimple: 'simple', hdrMetered: 'metered', latencyCsv: 'percentile' };

test('they are named after the results file, numbered, and hold what they were given', () => {
  const writer = ResultsWriter.open(join(root, 'a'));
  const first = writer.putBeside(texts);
  writer.append({ ...someResult(), files: first });
  const second = writer.putBeside({ ...texts, latencyCsv: 'other' });
  writer.close();
  const stem = writer.file.slice(writer.folder.length + 1).replace('.jsonl', '');
  assert.equal(first, {
    hdrSimple: `${stem}-1.simple.hdr`,
    hdrMetered: `${stem}-1.metered.hdr`,
    latencyCsv: `${stem}-1.latency.csv`,
  });
  assert.is(second.latencyCsv, `${stem}-2.latency.csv`);
  const read = (name: string) => readFileSync(join(writer.folder, name), 'utf8');
  assert.equal(Object.values(first).map(read), Object.values(texts));
  assert.is(read(second.latencyCsv), 'other');
  assert.is(readdirSync(writer.folder).length, 7, 'and nothing else is left');
});

test('a folder that is gone meanwhile is a complaint, and leaves nothing', () => {
  const folder = join(root, 'gone');
  const writer = ResultsWriter.open(folder);
  rmSync(folder, { recursive: true });
  assert.throws(
    () => writer.putBeside(texts),
    (error: unknown) =>
      error instanceof Complaint && /cannot write results to .*gone: .*nothing can be made/.test(error.message),
  );
  assert.not.ok(existsSync(folder));
});

test('a disk that fills up leaves none of them', () => {
  const program = `
    import { ResultsWriter } from ${JSON.stringify(new URL('../../../bench/results/results.js', import.meta.url).href)};
    process.on('SIGXFSZ', () => {});
    const writer = ResultsWriter.open(process.argv[1]);
    const long = 'x'.repeat(1 << 20);
    try {
      writer.putBeside({ hdrSimple: 'short', hdrMetered: 'short', latencyCsv: long });
      console.log('written');
    } catch (error) {
      console.log(error.message);
    }`;
  const folder = join(root, 'full');
  const done = spawnSync(
    'bash',
    ['-c', 'ulimit -f 256; exec "$0" --input-type=module -e "$1" "$2"', process.execPath, program, folder],
    { encoding: 'utf8', timeout: 30_000 },
  );
  assert.match(done.stdout, /^cannot write results to .*full: the file may not grow further/, done.stderr);
  assert.equal(readdirSync(folder), []);
});

test.run();
