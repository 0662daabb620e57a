/** From a configuration to what the heap and the collector are told. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  collectorOptions,
  departures,
  heapChoices,
  pageBytesOf,
  settingTexts,
} from '../../../bench/configurations/settings.js';
import type { InvocationConfig } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { defaultHeapBytes, workloads } from '../../../bench/workloads/table.js';
import { someConfig } from '../../support/synthetic-results.js';

const shown = (config: Parameters<typeof departures>[0]) => departures(config).filter((text) => text !== '');

test('what was not given is not passed on', () => {
  assert.equal(heapChoices(someConfig), { delivery: 'handler' });
  assert.equal(collectorOptions(someConfig), {
    resolution: 'continue',
    flip: 'bank',
    delivery: 'handler',
    workers: 1,
  });
  assert.is(pageBytesOf(someConfig), undefined);
});

test('what was given is', () => {
  const given: Partial<InvocationConfig> = {
    ...{ batch: 16, publish: 'lazy', walk: 'faults', evacuate: 'full', residentFree: 3, faultServers: 2 },
    ...{ userfaultfds: 4, barrier: 'kernel', pages: '2M', poison: true },
  };
  const config = { ...someConfig, ...given };
  assert.equal(heapChoices(config), { delivery: 'handler', userfaultfds: 4, barrier: 'kernel', poison: true });
  const { batch, publish, walk, evacuate, residentFree, faultServers } = collectorOptions(config);
  assert.equal([batch, publish, walk, evacuate, residentFree, faultServers], [16, 'lazy', 'faults', 'full', 3, 2]);
  assert.is(pageBytesOf(config), 2 * MiB);
  assert.is(pageBytesOf({ pages: '4K' }), 4096);
});

test('all free regions are as many as the heap has', () => {
  assert.is(collectorOptions({ ...someConfig, residentFree: 'all' }).residentFree, someConfig.heapBytes / MiB);
});

test('a way without servers is told of none, and one without faults of no policy about them', () => {
  const asked = { ...someConfig, faultServers: 3, publish: 'lazy', walk: 'faults' } as const;
  assert.is(collectorOptions({ ...asked, delivery: 'signal' }).faultServers, undefined);
  const stw = { ...asked, resolution: 'stw', delivery: 'none', flip: 'none' } as const;
  assert.equal(collectorOptions(stw), { resolution: 'stw', flip: 'none', delivery: 'none', workers: 1 });
  assert.equal(heapChoices(stw), {});
});

test('only departures from the default are shown, and any value can be told from another', () => {
  assert.equal(shown({ publish: 'eager', walk: 'address', evacuate: 'sparse', faultServers: 1, pages: '4K' }), []);
  assert.equal(shown({ residentFree: 'all', userfaultfds: 1, barrier: 'software', poison: false }), []);
  assert.equal(shown({ residentFree: 0, userfaultfds: 2, batch: 1 }), [
    'batches of 1',
    '0 free resident',
    '2 userfaultfds',
  ]);
  assert.ok(settingTexts({ publish: 'eager' }).includes('publish eager'));
  assert.equal(settingTexts({}).length, departures({}).length);
  assert.ok(settingTexts({}).every((text) => text !== ''));
});

test('every default heap is whole pages of either size', () => {
  for (const name of Object.keys(workloads) as (keyof typeof workloads)[]) {
    for (const scale of [1, 1 / 3, 1 / 8, 1 / 64]) assert.is(defaultHeapBytes(name, scale) % (2 * MiB), 0);
  }
});

test.run();
