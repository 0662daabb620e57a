/** Which combinations of the options are run, which are not and why, and what a configuration is called. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expand } from '../../../bench/configurations/configurations.js';
import { describeConfig, wayText } from '../../../bench/configurations/describe.js';
import { complaintLine } from '../../../bench/errors.js';
import { type Combination, namesOf, resolutions, whyIllegal } from '../../../bench/options/choices.js';
import { readOptions, type TypedOptions } from '../../../bench/options/options.js';
import { configSchema } from '../../../bench/schema/index.js';
import { GiB, MiB } from '../../../bench/sizes.js';
import { RESOLUTIONS } from '../../../gc/index.js';
import { someConfig } from '../../support/synthetic-results.js';

const sweep = (typed: TypedOptions) => expand(readOptions({ workload: ['javac'], ...typed }), 8 * GiB);
const ways = (typed: TypedOptions) => sweep(typed).configs.map(wayText);

function complaint(typed: TypedOptions): string {
  try {
    sweep(typed);
  } catch (error) {
    return complaintLine(error);
  }
  return 'no complaint';
}

const everything = 'continue,copy,move,protect,stw';

test('every resolution by every delivery is eight ways, and the ninth is named with why it cannot be', () => {
  const typed = { resolution: [everything], delivery: ['handler,signal'] };
  assert.equal(ways(typed), [
    'continue·bank',
    'continue·signal·bank',
    'copy·remap',
    'copy·signal·remap',
    'move·remap',
    'move·signal·remap',
    'protect·signal·bank',
    'stw',
  ]);
  const { leftOut } = sweep(typed);
  assert.is(leftOut.length, 1);
  assert.match(leftOut[0], 'protect cannot take faults by handler: mprotect raises SIGSEGV in the thread itself');
  assert.match(leftOut[0], 'no descriptor a server could read');
  assert.equal(ways({ resolution: ['all'], delivery: ['all'] }), ways(typed));
});

test('it is so for javac and for churn unless another workload is named', () => {
  const { configs } = expand(readOptions({ resolution: [everything], delivery: ['handler,signal'] }), 8 * GiB);
  assert.is(configs.length, 16);
  assert.equal([...new Set(configs.map(({ workload }) => workload))], ['javac', 'churn']);
});

test('without --delivery and --flip each resolution has its own, and nothing is left out', () => {
  assert.equal(ways({ resolution: [everything] }), [
    'continue·bank',
    'copy·remap',
    'move·remap',
    'protect·signal·bank',
    'stw',
  ]);
  assert.equal(sweep({ resolution: [everything] }).leftOut, []);
});

test('stw runs once, whatever is said of flips and deliveries', () => {
  for (const typed of [{}, { flip: ['bank'] }, { flip: ['all'] }, { delivery: ['signal'] }, { delivery: ['all'] }]) {
    const { configs, leftOut } = sweep({ resolution: ['stw'], ...typed });
    assert.equal(
      configs.map(({ resolution, delivery, flip }) => [resolution, delivery, flip]),
      [['stw', 'none', 'none']],
    );
    assert.equal(leftOut, []);
  }
});

test('flips: both where both are possible, and none is for stw alone', () => {
  const typed = { resolution: [everything], flip: ['bank,remap'] };
  const both = ['protect·signal·bank', 'protect·signal·remap'];
  assert.equal(ways(typed), ['continue·bank', 'continue·remap', 'copy·remap', 'move·remap', ...both, 'stw']);
  assert.match(sweep(typed).leftOut.join('\n'), /move cannot flip by bank: .*private memory/);
  assert.match(
    complaint({ flip: ['none'] }),
    /continue cannot flip by none: its mutators have to come to an armed view/,
  );
});

test('what leaves nothing is answered with what to leave out', () => {
  assert.match(complaint({ resolution: ['copy'], flip: ['bank'] }), /; leave --flip out/);
  assert.match(complaint({ resolution: ['protect'], delivery: ['handler'] }), /; leave --delivery out/);
  assert.match(complaint({ resolution: ['copy'], pages: ['2M'] }), /; leave it out, or choose another --resolution/);
});

const legal: Combination = { resolution: 'continue', delivery: 'handler', flip: 'bank' };
const signal = { delivery: 'signal' } as const;
const stw = { resolution: 'stw', delivery: 'none', flip: 'none' } as const;
const illegal: readonly (readonly [Partial<Combination>, RegExp])[] = [
  [{ flip: 'none' }, /^continue cannot flip by none: its mutators/],
  [{ delivery: 'none' }, /^continue cannot take faults by none: its mutators do fault/],
  [{ resolution: 'copy' }, /^copy cannot flip by bank: its pages are private memory/],
  [{ resolution: 'protect' }, /^protect cannot take faults by handler: mprotect raises SIGSEGV/],
  [{ resolution: 'stw' }, /^stw cannot flip by bank: no mutator ever meets a page that is not ready/],
  [{ ...stw, delivery: 'signal' }, /^stw cannot take faults by signal: no mutator ever meets/],
  [
    { flip: 'remap', userfaultfds: 2 },
    /^continue cannot use 2 userfaultfds with flip remap: remap moves a view as one/,
  ],
  [{ ...stw, userfaultfds: 2 }, /^stw cannot use 2 userfaultfds: no userfaultfd watches its views/],
  [{ resolution: 'protect', ...signal, barrier: 'kernel' }, /^protect cannot mark by --barrier kernel: no userfaultfd/],
  [{ ...stw, barrier: 'kernel' }, /^stw cannot mark by --barrier kernel/],
  [{ resolution: 'protect', ...signal, poison: true }, /^protect cannot run with --poison: no userfaultfd/],
  [{ ...stw, poison: true }, /^stw cannot run with --poison/],
  [{ resolution: 'copy', flip: 'remap', pages: '2M' }, /only continue has memory that can be made of huge pages/],
  [{ resolution: 'protect', ...signal, pages: '2M' }, /^protect cannot run with --pages 2M: only continue/],
  [{ ...stw, pages: '2M' }, /^stw cannot run with --pages 2M: only continue/],
  [{ flip: 'remap', pages: '2M' }, /^continue cannot run with --pages 2M and flip remap: mremap/],
  [{ userfaultfds: 3, faultServers: 2 }, /^continue cannot serve 3 userfaultfds by 2 fault servers: each needs one/],
  [{ pages: '2M', heapBytes: 65 * MiB }, /a heap of 65MiB is not whole pages of 2MiB/],
];

for (const [change, expected] of illegal) {
  test(`illegal: ${JSON.stringify(change)}`, () =>
    assert.match(whyIllegal({ ...legal, ...change }) ?? 'legal', expected));
}

test('what says no more than the default is legal everywhere', () => {
  const plain = { userfaultfds: 1, barrier: 'software', pages: '4K', poison: false } as const;
  for (const resolution of namesOf(resolutions)) {
    const { flips, deliveries } = resolutions[resolution];
    const way = { resolution, flip: flips[0], delivery: deliveries[0] };
    assert.is(whyIllegal({ ...way, ...plain, heapBytes: 65 * MiB }), undefined);
  }
  const bank = { ...legal, ...signal, userfaultfds: 4, barrier: 'kernel', pages: '2M', poison: true } as const;
  assert.is(whyIllegal({ ...bank, heapBytes: 64 * MiB }), undefined);
  assert.is(whyIllegal({ ...bank, faultServers: 1, heapBytes: 64 * MiB }), undefined); // signals need no server
});

test('every setting is swept, and is absent where it was not given', () => {
  const [bare] = sweep({ resolution: ['continue'] }).configs;
  assert.equal(Object.keys(bare).sort(), Object.keys(someConfig).sort());
  const { configs } = sweep({
    ...{ resolution: ['continue'], batch: ['16,64'], publish: ['eager,lazy'], walk: ['faults'], evacuate: ['full'] },
    ...{ residentFree: ['0,all'], faultServers: ['2'], userfaultfds: ['1,2'], barrier: ['kernel'], pages: ['2M'] },
    poison: true,
  });
  assert.is(configs.length, 16);
  assert.is(new Set(configs.map((config) => JSON.stringify(config))).size, 16);
  for (const config of configs) {
    assert.equal(configSchema.parse(JSON.parse(JSON.stringify(config))), config);
    assert.equal([config.walk, config.evacuate, config.poison, config.pages], ['faults', 'full', true, '2M']);
  }
  assert.equal([...new Set(configs.map(({ residentFree }) => residentFree))], [0, 'all']);
});

test('a setting that only some can have leaves the others out', () => {
  const { configs, leftOut } = sweep({ resolution: ['continue,copy,stw'], userfaultfds: ['1,2'] });
  assert.equal(
    configs.map((config) => `${wayText(config)} ${config.userfaultfds}`),
    ['continue·bank 1', 'copy·remap 1', 'stw 1', 'continue·bank 2'],
  );
  assert.is(leftOut.length, 2);
});

test('a configuration says what departs from the default, and no more', () => {
  const config = { ...someConfig, delivery: 'signal', publish: 'lazy', faultServers: 1, residentFree: 'all' } as const;
  assert.is(describeConfig(config), 'javac continue·signal·bank 128MiB publish lazy');
  assert.is(
    describeConfig({ ...someConfig, batch: 16, poison: true }),
    'javac continue·bank 128MiB batches of 16, poison',
  );
});

test('the collector knows the resolutions by these names', () => {
  for (const [name, { flips }] of Object.entries(RESOLUTIONS)) {
    assert.ok(name in resolutions, name);
    assert.equal(flips, resolutions[name as keyof typeof resolutions].flips);
  }
});

test.run();
