// deadline: 300s
/** As many operations and the same seed: the same graph at the end, by every resolution and twice. */
import { test } from 'uvu';
import { testManyMutators, testSameWork } from './same-work.js';

testSameWork(['gcbench', 'binarytrees', 'lru', 'larson']);
testManyMutators(['binarytrees', 'lru', 'larson']);

test.run();
