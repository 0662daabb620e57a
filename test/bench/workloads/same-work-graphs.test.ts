// deadline: 300s
/** As many operations and the same seed: the same graph at the end, by every resolution and twice. */
import { test } from 'uvu';
import { testSameWork } from './same-work.js';

testSameWork(['javac', 'hammer', 'graph']);

test.run();
