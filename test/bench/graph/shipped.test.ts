import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeGraph, formatDescription, readGraph, shippedGraphPath } from '../../../bench/graph/index.js';

const path = shippedGraphPath();
const started = process.cpuUsage();
const graph = readGraph(path);
/** Of this process's own time: the machine may have more to do. */
const { user, system } = process.cpuUsage(started);
const loadMs = (user + system) / 1000;
const readme = readFileSync(join(dirname(path), 'README.md'), 'utf8');

test('the shipped graph is at most 5 MB, and as large as the README says', () => {
  const { size } = statSync(path);
  assert.ok(size <= 5_000_000);
  assert.ok(readme.includes(`${size.toLocaleString('en-US')} bytes`), `README.md does not say ${size} bytes`);
});

test('its figures are those of the README', () => {
  for (const line of formatDescription(describeGraph(graph)).trimEnd().split('\n')) {
    assert.ok(readme.includes(line), `README.md does not have the line: ${line}`);
  }
});

test('it loads in well under two seconds', () => {
  assert.ok(loadMs < 2000, `${loadMs} ms`);
});

test.run();
