/*
 * Pages that are mapped ahead of a flip (heap/ahead.ts, gc/workers/ahead.ts, gc/phases/ahead.ts), for SPIN: mutators
 * store stale references into kept pages while a worker maps those that hold none into the coming view, the kernel drops
 * entries of the present one, and a fault server maps them again. See README.md.
 *
 * Bounds: pages, mutators and their stores, slots that a mutator's log holds, entries that the kernel drops.
 */
#ifndef PAGES
#define PAGES 2
#endif
#ifndef MUTATORS
#define MUTATORS 2
#endif
#ifndef STORES
#define STORES 1
#endif
#ifndef LOG
#define LOG 1
#endif
#ifndef DROPS
#define DROPS 0
#endif

mtype:state = { RAW, CLAIMED, READY, MAPPED };

#define PRESENT 1
#define COMING 2

typedef Word {
  byte generation;
  mtype:state state
}

Word words[PAGES];
byte generation = PRESENT;
byte ahead = 0;            /* Control.AHEAD */
bit present[PAGES];        /* entries of the view that mutators use */
bit coming[PAGES];         /* entries of the view that the flip brings */
bit stale[PAGES];          /* a slot of the page holds a reference to an evacuated object */

bit barrier[MUTATORS];     /* Own.BARRIER is AHEAD */
bit safe[MUTATORS];
bit stopping[MUTATORS];    /* Own.POLL */
byte logged[MUTATORS];     /* slots in the log, */
bit logHas[MUTATORS * PAGES]; /* and which pages they are of */
bit allStop = 0;           /* the pause of the flip: the reader stands as well */
byte finished = 0;
bit stop = 0;
byte waiting = 0;          /* the fault of the thread that reads: page + 1 */

#define wordIs(page, now, as) (words[page].generation == (now) && words[page].state == (as))
#define stateOf(page, now) (words[page].generation == (now) -> words[page].state : RAW)

/* Whatever it was -> RAW of the coming generation; who finds it MAPPED has unmapped it before the swap. */
inline takeBack(page) {
  do
  :: wordIs(page, COMING, RAW) -> break
  :: !wordIs(page, COMING, RAW) ->
     unmaps = wordIs(page, COMING, MAPPED);
     if
     :: unmaps -> coming[page] = 0
     :: else
     fi;
     d_step {
       swapped = (unmaps -> wordIs(page, COMING, MAPPED) : words[page].generation != COMING);
       if
       :: swapped -> words[page].generation = COMING; words[page].state = RAW
       :: else
       fi;
       unmaps = 0
     };
     if
     :: swapped -> swapped = 0; break
     :: else
     fi
  od;
  skip
}

/* A mutator that stores references to evacuated objects. */
proctype mutator(byte number) {
  byte stores = STORES;
  byte page = 0;
  bit unmaps = 0;
  bit swapped = 0;
  do
  :: stores == 0 -> break
  :: atomic { stores > 0 && !stopping[number] ->
       safe[number] = 0;
       if
       :: page = 0
#if PAGES > 1
       :: page = 1
#endif
       fi
     };
     if
     :: !barrier[number]
     :: barrier[number] && wordIs(page, COMING, RAW)
     :: barrier[number] && wordIs(page, COMING, MAPPED) ->
        if
        :: d_step { logged[number] < LOG -> logged[number]++; logHas[number * PAGES + page] = 1 }
        :: logged[number] == LOG -> takeBack(page)
        fi
     :: barrier[number] && words[page].generation != COMING -> takeBack(page)
     fi;
     d_step {
       /* A reference to what is evacuated is stored before the flip only: the pause forwards what mutators hold. */
       stale[page] = (generation == PRESENT -> 1 : stale[page])
     };
     atomic { page = 0; stores--; safe[number] = 1 }
  od;
  finished++
}

/* Maps, and then says so. */
inline mapAhead() {
  do
  :: page < PAGES ->
     right = !stale[page];                 /* findRight */
     if
     :: right ->
        coming[page] = 1;                  /* publishAhead */
        d_step {                           /* noteAhead */
          unmaps = (words[page].generation == COMING);
          if
          :: !unmaps -> words[page].generation = COMING; words[page].state = MAPPED
          :: else
          fi
        };
        if
        :: unmaps -> coming[page] = 0; unmaps = 0
        :: else
        fi
     :: else
     fi;
     right = 0;
     page++
  :: else -> page = 0; break
  od
}

/* Asks one mutator after the other to stand, and tells it. */
inline handshake() {
  do
  :: i < MUTATORS ->
     stopping[i] = 1;
     safe[i];
     barrier[i] = 1;
     stopping[i] = 0;
     i++
  :: else -> i = 0; break
  od
}

inline stopAll() {
  allStop = 1;
  do
  :: i < MUTATORS -> stopping[i] = 1; i++
  :: else -> i = 0; break
  od;
  do
  :: i < MUTATORS -> safe[i]; i++
  :: else -> i = 0; break
  od;
#if DROPS > 0
  waiting == 0
#endif
}

inline forwardLogged() {
  d_step {
    do
    :: i < MUTATORS * PAGES ->
       if
       :: logHas[i] -> stale[i % PAGES] = 0; logHas[i] = 0
       :: else
       fi;
       i++
    :: else -> i = 0; break
    od
  }
}

/* What the flip brings is MAPPED and right, or faults. */
inline check() {
  d_step {
    do
    :: i < PAGES ->
       assert(stateOf(i, COMING) == MAPPED || !coming[i]);
       assert(stateOf(i, COMING) == MAPPED || stateOf(i, COMING) == RAW);
       assert(!coming[i] || !stale[i]);
       i++
    :: else -> i = 0; break
    od
  }
}

proctype collector() {
  byte i = 0;
  byte page = 0;
  bit right = 0;
  bit unmaps = 0;
  ahead = COMING;
  handshake();
  mapAhead();
  stopAll();
  forwardLogged();
  atomic { check(); generation = COMING; ahead = 0 };
  d_step {
    do
    :: i < MUTATORS -> stopping[i] = 0; barrier[i] = 0; i++
    :: else -> i = 0; break
    od
  };
  finished == MUTATORS;
  stop = 1
}

#if DROPS > 0
/* A mutator that only reads, in the present view; the kernel takes entries away under it. */
proctype reader() {
  byte reads = DROPS;
  do
  :: reads == 0 || allStop -> break
  :: atomic { reads > 0 && !allStop ->
       if
       :: present[0] = 0; waiting = 1
#if PAGES > 1
       :: present[1] = 0; waiting = 2
#endif
       fi
     };
     waiting == 0;
     reads--
  od
}

#include "dropped.pml"
#endif

init {
  byte i = 0;
  atomic {
    do
    :: i < PAGES ->
       words[i].generation = PRESENT;
       words[i].state = MAPPED;
       present[i] = 1;
       if
       :: stale[i] = 0
       :: stale[i] = 1
       fi;
       i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < MUTATORS -> safe[i] = 1; run mutator(i); i++
    :: else -> break
    od;
    i = 0;
    run collector();
#if DROPS > 0
    run reader();
    run server()
#endif
  }
}
