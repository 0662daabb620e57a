// deadline: 900s
import { test } from 'uvu';
import { testRandomRefusals } from '../support/random-refusals.js';

testRandomRefusals(test, 'move');

test.run();
