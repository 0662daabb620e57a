// deadline: 900s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Errno, publishes } from '../support/inject.js';
import { runInjected } from '../support/injected-runs.js';
import { injectable } from '../support/watched.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

const it = injectable(test);

for (const way of CONCURRENT_WAYS) {
  const call = publishes(way);
  const errors: Errno[] = call === 'mprotect' ? ['ENOMEM'] : call === 'move' ? ['EAGAIN', 'EBUSY'] : ['EAGAIN'];
  for (const error of errors) {
    it(`${nameOf(way)}: ${call} that answers ${error} for ever ends in one clear error, and no hang`, async () => {
      const rules = [{ call, error, times: 1e12 }];
      const end = await runInjected({ way, cycles: 1e6, rules });
      assert.not(end.verified, 'it went on without publishing anything');
      assert.match(end.error, new RegExp(`${error}|errno \\d+`));
    });
  }
}

test.run();
