/** Ways to break the models, each of which SPIN has to find, and what it has to say. */
import type { Bounds, Found, Patch } from './spin.js';

export interface Mutation {
  readonly name: string;
  readonly model?: string;
  readonly bounds: Bounds;
  readonly patches: readonly Patch[];
  readonly violation: Found['violation'];
  /** What the assertion speaks of. */
  readonly says?: RegExp;
}

const patch = (file: string, find: string, put: string): Patch[] => [{ file, find, put }];

const UNREAD = /(workspace|view|entry)\[page\]/;
/** The compaction has ended with a page that is not MAPPED. */
const ENDED = /words\[i\]/;
const SIGNAL: Bounds = { SERVERS: 0, PAGES: 1, MUTATORS: 2 };
const VIEWS = { model: 'views.pml', bounds: {} } as const;
const AHEAD = { model: 'ahead.pml', bounds: { MUTATORS: 1 } } as const;

export const MUTATIONS: readonly Mutation[] = [
  // ---- wakes
  {
    name: 'no WAKE after EEXIST',
    bounds: { PAGES: 1 },
    patches: patch('forwarder.pml', ':: else -> wake(start + done, 1); done++', ':: else -> done++'),
    violation: 'deadlock',
  },
  {
    name: 'a page that is MAPPED already is not shown again to who waits for it',
    bounds: { PAGES: 1 },
    patches: patch('server.pml', 'map(page, 1, 0); /*', 'skip; /*'),
    violation: 'deadlock',
  },
  {
    name: 'nobody wakes those whose messages a lost server had read',
    bounds: { PAGES: 1, DEATHS: 1 },
    patches: patch('server.pml', 'wake(0, PAGES); /*', 'skip; /*'),
    violation: 'deadlock',
  },
  {
    name: 'who sleeps in its signal handler is not woken',
    bounds: SIGNAL,
    patches: patch(
      'forwarder.pml',
      'asleep[scratch] == 1 + page -> asleep[scratch] = 0',
      'asleep[scratch] == 1 + page',
    ),
    violation: 'deadlock',
  },
  // ---- WANTED
  {
    name: 'WANTED is not set, and a fault waits for pages behind it',
    bounds: { PAGES: 2 },
    patches: patch('words.pml', 'words[page].wanted = 1;', ''),
    violation: 'assertion',
    says: /asked/,
  },
  {
    name: 'a builder in its signal handler does not look whether its page is WANTED',
    bounds: SIGNAL,
    patches: patch(
      'signal.pml',
      '    wanted = words[page].wanted;\n    mapped(page)',
      '    wanted = 0;\n    mapped(page)',
    ),
    violation: 'deadlock',
  },
  // ---- claims
  {
    name: 'a claim does not compare',
    bounds: { PAGES: 1 },
    patches: patch(
      'words.pml',
      ':: stateOf(page, now) == RAW ->\n       words',
      ':: stateOf(page, now) == RAW || stateOf(page, now) == CLAIMED ->\n       words',
    ),
    violation: 'assertion',
    says: /builder/,
  },
  {
    name: 'pages that a lost thread had claimed are not taken over',
    bounds: { PAGES: 1, DEATHS: 1 },
    patches: patch('forwarder.pml', ':: !won -> takeOver(page, before)', ':: !won -> skip'),
    violation: 'assertion',
    says: ENDED,
  },
  {
    name: 'any page that is CLAIMED is taken over, not only those of the lost thread',
    bounds: { PAGES: 1, DEATHS: 1 },
    patches: patch('words.pml', ' && words[page].slot == gone ->', ' ->'),
    violation: 'assertion',
    says: /builder/,
  },
  {
    name: 'pages that a lost thread left READY are not published',
    bounds: { PAGES: 2, DEATHS: 1 },
    patches: patch('forwarder.pml', 'publish(page, 1, at);\n        at = 0\n     :: else', 'at = 0\n     :: else'),
    violation: 'assertion',
    says: ENDED,
  },
  {
    name: 'the slots of a lost thread are used again before what stands in them is published',
    bounds: { PAGES: 2, DEATHS: 1, COPY: true },
    patches: patch('forwarder.pml', 'publish(page, 1, at);\n        at = 0\n     :: else', 'at = 0\n     :: else'),
    violation: 'assertion',
  },
  // ---- what is published
  {
    name: 'READY before it is built',
    bounds: { PAGES: 1 },
    patches: patch(
      'worker.pml',
      'atomic {\n                end(page);\n                ready(page, at);',
      'ready(page, at);\n              atomic {\n                end(page);',
    ),
    violation: 'assertion',
    says: UNREAD,
  },
  {
    name: 'registered MINOR only: what is not there reads as zeros',
    bounds: { PAGES: 1 },
    patches: patch(
      'kernel.pml',
      '#define INTERCEPTED(page) true',
      '#define INTERCEPTED(page) (workspace[page] != HOLE)',
    ),
    violation: 'assertion',
    says: UNREAD,
  },
  {
    name: 'a word of an older flip counts',
    bounds: { PAGES: 1, FLIPS: 2, TOUCHES: 2 },
    patches: patch('words.pml', '(words[page].generation == (now) ->', '(words[page].generation != 0 ->'),
    violation: 'assertion',
  },
  // ---- beginning and end
  {
    name: 'a compaction ends without its fault servers',
    bounds: { PAGES: 1 },
    patches: patch('collector.pml', ':: i < SERVERS -> !serving[i]; i++', ':: i < SERVERS -> i++'),
    violation: 'assertion',
    says: ENDED,
  },
  {
    name: 'a compaction ends without the handlers that are inside',
    bounds: SIGNAL,
    patches: patch('collector.pml', ':: i < MUTATORS -> !inside[i]; i++', ':: i < MUTATORS -> i++'),
    violation: 'assertion',
    says: ENDED,
  },
  {
    name: 'a compaction ends before its workers',
    bounds: { PAGES: 1 },
    patches: patch('collector.pml', ':: ended == WORKERS;', ':: true;'),
    violation: 'assertion',
  },
  {
    name: 'a flip does not wait for servers in the middle of a message',
    bounds: { PAGES: 1, MUTATORS: 2, FLIPS: 2, TOUCHES: 2 },
    patches: patch('collector.pml', ':: serving[i] -> idle = 0', ':: serving[i]'),
    violation: 'assertion',
  },
  {
    name: 'a page counts as stray without a second look',
    bounds: { PAGES: 1, MUTATORS: 1 },
    patches: patch('server.pml', ':: else -> assert(stateOf(page, now) != RAW)', ':: else -> assert(false)'),
    violation: 'assertion',
    says: /\b0\b|false/,
  },
  {
    name: 'a lost server counts as out of its message before its page is taken over',
    bounds: { PAGES: 1, DEATHS: 1 },
    patches: patch('server.pml', '       isLost = 1\n', '       serving[number] = 0;\n       isLost = 1\n'),
    violation: 'assertion',
  },
  {
    name: 'a pause keeps the thread that alone could replace a lost server, for a mutator whose message went with it',
    bounds: { PAGES: 1, FLIPS: 2, TOUCHES: 2, DEATHS: 1 },
    patches: patch(
      'collector.pml',
      'atomic { ALL_SAFE && !onMainThread -> onMainThread = 1 };',
      'atomic { !onMainThread -> onMainThread = 1 }; ALL_SAFE;',
    ),
    violation: 'deadlock',
  },
  // ---- pages mapped ahead
  {
    ...AHEAD,
    name: 'ahead: a look at the first page before mutators know',
    patches: patch('ahead.pml', '  handshake();\n  mapAhead();', '  mapAhead();\n  handshake();'),
    violation: 'assertion',
    says: /stale/,
  },
  {
    ...AHEAD,
    name: 'ahead: a page is told as mapped whatever a store has said',
    patches: patch('ahead.pml', 'unmaps = (words[page].generation == COMING);', 'unmaps = 0;'),
    violation: 'assertion',
    says: /stale/,
  },
  {
    ...AHEAD,
    name: 'ahead: a page is taken back in its word, and stays mapped',
    bounds: { MUTATORS: 1, LOG: 0 },
    patches: patch('ahead.pml', ':: unmaps -> coming[page] = 0\n', ':: unmaps -> skip\n'),
    violation: 'assertion',
  },
  {
    ...AHEAD,
    name: 'ahead: the pause does not forward what mutators have logged',
    patches: patch('ahead.pml', '  stopAll();\n  forwardLogged();', '  stopAll();'),
    violation: 'assertion',
    says: /stale/,
  },
  {
    ...AHEAD,
    name: 'ahead: a word of the coming flip counts as RAW in the present one',
    bounds: { MUTATORS: 1, DROPS: 1 },
    patches: patch('dropped.pml', 'generationSeen == ahead -> seen = MAPPED', 'generationSeen == ahead -> seen = RAW'),
    violation: 'assertion',
    says: /seen/,
  },
  // ---- readers from outside
  {
    ...VIEWS,
    name: 'views: what was mapped before a view was watched stays',
    patches: patch('views.pml', '  watch(view);\n  drop(view)\n', '  watch(view)\n'),
    violation: 'assertion',
    says: /right/,
  },
  {
    ...VIEWS,
    name: 'views: a view is emptied before it is watched',
    patches: patch('views.pml', '  watch(view);\n  drop(view)\n', '  drop(view);\n  watch(view)\n'),
    violation: 'assertion',
    says: /right/,
  },
  {
    ...VIEWS,
    name: 'views: registration does not wait for faults that are under way',
    patches: patch('views.pml', 'faulting[view] == 0 ->', 'true ->'),
    violation: 'assertion',
    says: /right/,
  },
  {
    ...VIEWS,
    name: 'views: the idle one is watched from shortly before its flip only',
    patches: [
      ...patch('views.pml', '     mapAhead();\n#endif', '     watch(OTHER);\n     mapAhead();\n#endif'),
      ...patch('views.pml', '     drop(OTHER); /*', '     watched[OTHER] = 0; drop(OTHER); /*'),
    ],
    violation: 'assertion',
    says: /right/,
  },
  {
    ...VIEWS,
    name: 'views: who reads the coming view from outside is served by the words of the present one',
    patches: patch(
      'views.pml',
      'watched[view] -> skip /* refused */',
      'watched[view] -> atomic { if :: right[page] -> entry[AT(view, page)] = 1 :: else fi }',
    ),
    violation: 'assertion',
    says: /right/,
  },
  {
    model: 'views.pml',
    bounds: { REMAP: true },
    name: 'views: a fresh mapping is put under watch, and not emptied',
    patches: patch('views.pml', '  arm(0);\n#else', '  watch(0);\n#else'),
    violation: 'assertion',
    says: /right/,
  },
];
