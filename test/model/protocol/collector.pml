/* The collector's own thread: gc/phases/flip.ts and gc/phases/compact.ts. */

/* A new view without an entry; what stands in memory is stale again. The words stay: their generation is old. */
inline flipNow() {
  d_step {
    do
    :: scratch < PAGES ->
       entry[scratch] = 0;
       workspace[scratch] = (TARGET(scratch) -> HOLE : STALE);
#ifdef COPY
       view[scratch] = HOLE;
#endif
       built[scratch] = 0;
       asked[scratch] = 0;
       scratch++
    :: else -> scratch = 0; break
    od;
    cursor = 0;
    ended = 0;
    generation++;
    compacting = 1
  }
}

#if MUTATORS == 1
#define ALL_SAFE (safe[0])
#elif MUTATORS == 2
#define ALL_SAFE (safe[0] && safe[1])
#else
#define ALL_SAFE (safe[0] && safe[1] && safe[2])
#endif

/* Waits until nobody is at a page of the compaction that has just been declared over. */
inline quiesce() {
#if SERVERS > 0
  do
  :: i < SERVERS -> !serving[i]; i++
  :: else -> i = 0; break
  od;
#else
  do
  :: i < MUTATORS -> !inside[i]; i++
  :: else -> i = 0; break
  od;
#endif
  ending = 0
}

/* Whether nobody is at a page while every mutator stands. */
inline isIdle() {
  idle = 1;
#if SERVERS > 0
  do
  :: i < SERVERS ->
     if
     :: serving[i] -> idle = 0
     :: else
     fi;
     i++
  :: else -> i = 0; break
  od
#endif
}

inline pauseFlip() {
  do
  :: stopping = 1;
     atomic { ALL_SAFE && !onMainThread -> onMainThread = 1 }; /* while it waits, its thread does other things */
     isIdle();
     if
     :: idle -> flipNow()
     :: else
     fi;
     stopping = 0;
     onMainThread = 0;
     if
     :: idle -> idle = 0; break
     :: else -> quiesce()
     fi
  od
}

proctype collector() {
  byte i = 0;
  bit idle = 0;
  do
  :: ended == WORKERS;
     atomic { !onMainThread -> compacting = 0; ending = 1 };
     quiesce();
     d_step {
       do
       :: i < PAGES ->
          assert(stateOf(i, generation) == MAPPED);
          assert(builder[i] == 0);
          i++
       :: else -> i = 0; break
       od
     };
     if
     :: generation == FLIPS -> break
     :: else -> pauseFlip()
     fi
  od;
  finished == MUTATORS;
  stop = 1
}
