import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Forwarder } from '../../gc/forwarder.js';
import { RESOLUTIONS } from '../../gc/index.js';
import { Pages } from '../../gc/protocol.js';
import { encodeState, type Heap, MAX_GENERATION, Mutator, PageState, WANTED } from '../../heap/index.js';
import { DONTWAKE } from '../../native/userfaultfd.js';
import { startActing } from '../support/acting-thread.js';
import type { ClaimTask } from '../support/claim-program.js';
import { smallHeap } from '../support/random-heap.js';

const PAGE = 40;
const GENERATION = 7;

// ---- the words of the protocol, one at a time --------------------------------------------------------------------

test('a page is claimed once, whatever an older generation left in its word', () => {
  const heap = smallHeap();
  const pages = new Pages(heap, GENERATION, 1);
  const leftovers = [
    0,
    encodeState(GENERATION - 1, PageState.CLAIMED),
    encodeState(GENERATION - 1, PageState.READY, 5) | WANTED,
    encodeState(GENERATION - 1, PageState.MAPPED),
    encodeState(MAX_GENERATION, PageState.MAPPED),
  ];
  for (const word of leftovers) {
    heap.meta.pageState[PAGE] = word;
    assert.is(pages.state(PAGE), PageState.RAW);
    assert.not(pages.want(PAGE), 'nobody builds it');
    assert.ok(pages.claim(PAGE));
    assert.is(pages.state(PAGE), PageState.CLAIMED);
    assert.not(pages.claim(PAGE));
    assert.not(pages.ready(PAGE, 3), 'nobody waits: an old WANTED is gone');
    assert.is(pages.state(PAGE), PageState.READY);
    assert.is(pages.slot(PAGE), 3);
    assert.not(pages.claim(PAGE));
    assert.not(pages.want(PAGE), 'ready already: publish it');
    pages.mapped(PAGE);
    assert.is(pages.state(PAGE), PageState.MAPPED);
    assert.not(pages.claim(PAGE));
  }
  heap.close();
});

test('a builder hears of those who came while it built, once or more', () => {
  const heap = smallHeap();
  const pages = new Pages(heap, GENERATION, 1);
  pages.claim(PAGE);
  assert.ok(pages.want(PAGE));
  assert.ok(pages.want(PAGE));
  assert.is(pages.state(PAGE), PageState.CLAIMED);
  assert.ok(pages.ready(PAGE, 0));
  heap.close();
});

test('threads that claim the same pages at the same time win each of them once', async () => {
  const heap = smallHeap();
  const threads = 3;
  const generations = 40;
  const meeting = new Int32Array(new SharedArrayBuffer(4));
  const won = await Promise.all(
    Array.from({ length: threads }, async () => {
      const task: ClaimTask = { heap: heap.handle, threads, generations, meeting };
      const worker = new Worker(new URL('../support/claim-program.js', import.meta.url), { workerData: task });
      const exit = once(worker, 'exit');
      const [claimed] = (await once(worker, 'message')) as [number];
      await exit;
      return claimed;
    }),
  );
  assert.is(
    won.reduce((sum, claimed) => sum + claimed, 0),
    generations * heap.layout.pages,
    String(won),
  );
  heap.close();
});

// ---- every order in which a worker and two servers can meet ------------------------------------------------------

/** The kernel's side of one page: whether it is in the view, and whether the mutators that touched it sleep. */
class View {
  present = false;
  built = 0;
  readonly asleep = [true, true];

  /** UFFDIO_CONTINUE: wakes if it maps, and does not if the page was there; then the caller wakes. */
  publish(): void {
    this.present = true;
    this.wake();
  }

  /** Who is woken tries again, and sleeps again if there is still no page. */
  wake(): void {
    if (this.present) this.asleep.fill(false);
  }
}

/** A compaction worker. Each step does one thing that others can see; when it publishes, with its batch, is left open. */
function* worker(pages: Pages, view: View): Generator<void> {
  if (!pages.claim(PAGE)) return;
  view.built++;
  yield;
  pages.ready(PAGE, 0);
  yield;
  view.publish();
  yield;
  pages.mapped(PAGE);
}

/** A fault server with one message: Forwarder.resolve, in the same steps. */
function* server(pages: Pages, view: View): Generator<void> {
  for (;;) {
    const state = pages.state(PAGE);
    yield;
    if (state === PageState.RAW) {
      if (!pages.claim(PAGE)) continue;
      view.built++;
      yield;
      pages.ready(PAGE, 0);
      yield;
    } else if (state === PageState.CLAIMED) {
      if (pages.want(PAGE)) return;
      continue;
    } else if (state === PageState.MAPPED) {
      view.wake();
      return;
    }
    view.publish();
    yield;
    pages.mapped(PAGE);
    return;
  }
}

/** Runs `actors` in every order there is, one step at a time. Returns how many orders. */
function everyOrder(start: () => Generator<void>[], check: (order: string) => void): number {
  let orders = 0;
  const choices: number[] = []; // which of the actors that are left goes next
  for (;;) {
    const left = start();
    const order: number[] = [];
    const widths: number[] = [];
    const names = left.map((_, i) => i);
    for (let step = 0; left.length > 0; step++) {
      const choice = choices[step] ?? 0;
      choices[step] = choice;
      widths[step] = left.length;
      order.push(names[choice]!);
      if (left[choice]!.next().done) {
        left.splice(choice, 1);
        names.splice(choice, 1);
      }
    }
    choices.length = widths.length;
    check(order.join(''));
    orders++;
    while (choices.length > 0 && choices.at(-1)! + 1 >= widths[choices.length - 1]!) choices.pop();
    if (choices.length === 0) return orders;
    choices[choices.length - 1]!++;
  }
}

test('in every order, the page is built once, ends MAPPED, and nobody sleeps on', () => {
  const heap = smallHeap();
  const pages = new Pages(heap, GENERATION, 1);
  for (const [workers, servers] of [
    [1, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    let view = new View();
    const orders = everyOrder(
      () => {
        heap.meta.pageState[PAGE] = encodeState(GENERATION - 1, PageState.READY) | WANTED;
        view = new View();
        return [
          ...Array.from({ length: workers }, () => worker(pages, view)),
          ...Array.from({ length: servers }, () => server(pages, view)),
        ];
      },
      (order) => {
        const found = { built: view.built, state: pages.state(PAGE), asleep: view.asleep.includes(true) };
        const wanted = { built: 1, state: PageState.MAPPED, asleep: false };
        if (JSON.stringify(found) !== JSON.stringify(wanted)) assert.equal(found, wanted, `in the order ${order}`);
      },
    );
    console.log(`${workers} worker, ${servers} servers: ${orders} orders`);
    assert.ok(orders > 20);
  }
  heap.close();
});

// ---- the hands that do it ------------------------------------------------------------------------------------------

/** A heap whose page `page` is a kept one of the flip at hand, not in the view any more. */
function flipped(): { heap: Heap; forwarder: Forwarder; page: number } {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const object = mutator.allocate(0, 8, 5);
  mutator.detach();
  const page = Math.floor(object / heap.layout.granulesPerPage);
  heap.space.views[0]!.renew();
  heap.space.arm(0);
  const forwarder = new Forwarder({
    heap,
    resolution: RESOLUTIONS.continue!,
    generation: GENERATION,
    cycle: 0,
    owner: 1,
  });
  return { heap, forwarder, page };
}

function residentPages({ space, layout }: Heap): number {
  let mapped = 0;
  for (let page = 0; page < layout.pages; page++) {
    const result = space.watch!.at(0).tryContinue(space.views[0]!, page * layout.pageBytes, layout.pageBytes);
    if (result === -17) mapped++; // EEXIST
  }
  return mapped;
}

test('a fault on a RAW page: made right and published by the server', () => {
  const { heap, forwarder, page } = flipped();
  assert.ok(forwarder.resolve(page, 1));
  assert.is(forwarder.pages.state(page), PageState.MAPPED);
  assert.is(residentPages(heap), 1);
  heap.close();
});

test('a fault on a CLAIMED page: left to its builder', () => {
  const { heap, forwarder, page } = flipped();
  forwarder.pages.claim(page);
  assert.not(forwarder.resolve(page, 1));
  assert.is(forwarder.pages.state(page), PageState.CLAIMED);
  assert.ok(forwarder.pages.ready(page, 0), 'which hears of it');
  heap.close();
});

test('a fault on a READY page: published, not built again', () => {
  const { heap, forwarder, page } = flipped();
  forwarder.pages.claim(page);
  forwarder.pages.ready(page, 0);
  assert.ok(forwarder.resolve(page, 1));
  assert.equal([forwarder.counts.built, forwarder.counts.updated, forwarder.counts.mapped], [0, 0, 0]);
  assert.is(forwarder.pages.state(page), PageState.MAPPED);
  assert.is(residentPages(heap), 1);
  heap.close();
});

test('publishing pages some of which are there already is success, and all are MAPPED', () => {
  const { heap, forwarder, page } = flipped();
  heap.workspace.fill(0, (page * heap.layout.pageBytes) / 4, ((page + 5) * heap.layout.pageBytes) / 4); // no holes
  for (const there of [page + 1, page + 3]) {
    heap.space.watch!.at(0).continue(heap.space.views[0]!, there * heap.layout.pageBytes, heap.layout.pageBytes);
  }
  for (let i = 0; i < 5; i++) {
    assert.ok(forwarder.pages.claim(page + i));
    forwarder.pages.ready(page + i, 0);
  }
  forwarder.publish(page, 5, 0);
  for (let i = 0; i < 5; i++) assert.is(forwarder.pages.state(page + i), PageState.MAPPED);
  assert.is(forwarder.counts.published, 3);
  assert.is(residentPages(heap), 5);
  heap.close();
});

test('who waits for a page that somebody else has mapped without waking anybody is woken', async () => {
  const { heap, forwarder, page } = flipped();
  const [view, watch] = [heap.space.views[0]!, heap.space.watch!.at(0)];
  const { pageBytes } = heap.layout;
  heap.workspace.fill(0x05050505, (page * pageBytes) / 4, ((page + 1) * pageBytes) / 4);
  try {
    const reader = startActing({ do: 'touch', mapping: view.id, offset: page * pageBytes });
    assert.ok(watch.wait(20_000) && watch.read(new Float64Array(4), 0) === 1, 'it waits');
    forwarder.pages.claim(page);
    forwarder.pages.ready(page, 0);
    assert.is(watch.tryContinue(view, page * pageBytes, pageBytes, DONTWAKE), pageBytes);
    forwarder.publish(page, 1, 0);
    assert.is(await reader.result, 5);
  } finally {
    heap.close(); // lets go of a thread that still waits
  }
});

test('a fault on a MAPPED page does no harm', () => {
  const { heap, forwarder, page } = flipped();
  forwarder.resolve(page, 1);
  assert.not(forwarder.resolve(page, 1));
  assert.is(forwarder.pages.state(page), PageState.MAPPED);
  heap.close();
});

test.run();
