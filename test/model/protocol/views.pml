/*
 * The life of a view (heap/space/twin.ts, watch.ts, gc/flip/), for SPIN: somebody from outside touches any page of any view
 * at any time, while the collector maps views, puts them under watch, fills, flips and empties them. See README.md.
 *
 * Bounds: pages, mutators and their touches, flips. REMAP: one view, in whose place a fresh one is mapped; otherwise two.
 */
#ifndef PAGES
#define PAGES 2
#endif
#ifndef MUTATORS
#define MUTATORS 1
#endif
#ifndef TOUCHES
#define TOUCHES 2
#endif
#ifndef FLIPS
#define FLIPS 2
#endif

#ifdef REMAP
#define VIEWS 1
#define OTHER 0
#else
#define VIEWS 2
#define OTHER (1 - bank)
#endif

#define AT(view, page) ((view) * PAGES + (page))

bit watched[VIEWS];        /* registered with a userfaultfd */
bit entry[VIEWS * PAGES];  /* page table entries */
byte faulting[VIEWS];      /* faults under way that found the view unwatched: they hold its lock for reading */
bit right[PAGES];          /* memory: the page is as the present flip wants it */
bit keeps[PAGES];          /* it will need nothing at the coming flip */
byte bank = 0;
byte flips = 0;
bit stopping = 0;
bit safe[MUTATORS];
byte finished = 0;

/* UFFDIO_REGISTER takes the lock for writing: faults that are under way come first, and later ones see it. */
inline watch(view) {
  atomic { faulting[view] == 0 -> watched[view] = 1 }
}

/* MADV_DONTNEED, page by page, beside whatever else happens. */
inline drop(view) {
  do
  :: page < PAGES -> entry[AT(view, page)] = 0; page++
  :: else -> page = 0; break
  od
}

/* Space.arm */
inline arm(view) {
  watch(view);
  drop(view)
}

/* UFFDIO_CONTINUE */
inline publish(view, which) {
  entry[AT(view, which)] = 1
}

/* Another process reads: what is mapped it sees; of what is not, the kernel asks nobody and refuses, or maps it. */
proctype foreigner() {
  byte view = 0;
  byte page = 0;
end_foreigner:
  do
  :: atomic {
       if
       :: view = 0
#if VIEWS > 1
       :: view = 1
#endif
       fi;
       if
       :: page = 0
#if PAGES > 1
       :: page = 1
#endif
#if PAGES > 2
       :: page = 2
#endif
       fi
     };
     if
     :: entry[AT(view, page)]
     :: !entry[AT(view, page)] && watched[view] -> skip /* refused */
     :: atomic { !entry[AT(view, page)] && !watched[view] -> faulting[view]++ };
        atomic { entry[AT(view, page)] = 1; faulting[view]-- }
     fi;
     atomic { view = 0; page = 0 }
  od
}

proctype mutator(byte number) {
  byte touches = TOUCHES;
  byte page = 0;
  do
  :: atomic { touches > 0 && !stopping ->
       safe[number] = 0;
       if
       :: page = 0
#if PAGES > 1
       :: page = 1
#endif
#if PAGES > 2
       :: page = 2
#endif
       fi
     };
     atomic { entry[AT(bank, page)] -> assert(right[page]) }; /* or waits for it in a fault */
     atomic { page = 0; touches--; safe[number] = 1 }
  :: touches == 0 -> break
  od;
  finished++
}

inline stopAll() {
  stopping = 1;
  do
  :: i < MUTATORS -> safe[i]; i++
  :: else -> i = 0; break
  od
}

/* What the flip makes of memory: stale, but for what needed nothing. */
inline forwardLater() {
  d_step {
    do
    :: page < PAGES -> right[page] = keeps[page]; page++
    :: else -> page = 0; break
    od
  }
}

/* Pages that will need nothing come into the coming view; see ahead.pml for stores beside it. */
inline mapAhead() {
  do
  :: page < PAGES ->
     if
     :: keeps[page] = 1; publish(OTHER, page)
     :: keeps[page] = 0
     fi;
     page++
  :: else -> page = 0; break
  od
}

inline pauseFlip() {
  stopAll();
#ifdef REMAP
  watched[0] = 0;
  /* The page tables move aside, and a fresh mapping takes their place. */
  d_step {
    do
    :: page < PAGES -> entry[page] = 0; keeps[page] = 0; page++
    :: else -> page = 0; break
    od
  };
  arm(0);
#else
  bank = OTHER;
#endif
  forwardLater();
  stopping = 0
}

inline compact() {
  do
  :: page < PAGES ->
     right[page] = 1;
     publish(bank, page);
     page++
  :: else -> page = 0; break
  od
}

proctype collector() {
  byte i = 0;
  byte page = 0;
  byte view = 0;
  /* Start-up: views that have just been mapped. */
  do
  :: view < VIEWS -> arm(view); view++
  :: else -> view = 0; break
  od;
  compact(); /* mutators are given their first pages */
  do
  :: flips == FLIPS -> break
  :: else ->
#ifndef REMAP
     mapAhead();
#endif
     pauseFlip();
     compact();
#ifndef REMAP
     drop(OTHER); /* Space.empty: it stays watched */
#endif
     flips++
  od;
  finished == MUTATORS
}

init {
  byte i = 0;
  atomic {
    do
    :: i < PAGES -> right[i] = 1; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < MUTATORS -> safe[i] = 1; run mutator(i); i++
    :: else -> break
    od;
    i = 0;
    run foreigner();
    run collector()
  }
}
