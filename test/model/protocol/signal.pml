/* A thread resolves its own fault in its signal handler: native/src/pages/resolver.cc and signal_handler.cc. */

bit inside[MUTATORS];  /* FaultCounts::inside */

/* Sleeping is bounded, and has to be where a thread can be lost between READY and waking. */
#if DEATHS > 0
#define WOKEN(mutator, page) (asleep[mutator] == 0 || stateOf(page, now) != CLAIMED)
#else
#define WOKEN(mutator, page) (asleep[mutator] == 0)
#endif

/* FUTEX_WAIT: sleeps if the word is as it was seen, CLAIMED and WANTED. */
inline await(mutator, page) {
  want(page);
  if
  :: won ->
     won = 0;
     d_step {
       if
       :: stateOf(page, now) == CLAIMED && words[page].wanted -> asleep[mutator] = 1 + page
       :: else
       fi
     };
     atomic { WOKEN(mutator, page) -> asleep[mutator] = 0 }
  :: else
  fi
}

/* CLAIMED -> MAPPED: nobody else can publish it sooner. */
inline forwardHere(page) {
  end(page);
  map(page, 1, 0);
  d_step {
    wanted = words[page].wanted;
    mapped(page)
  };
  if
  :: wanted -> wakeWaiters(page); wanted = 0
  :: else
  fi
}

inline handle(mutator, page) {
  inside[mutator] = 1;
  atomic { me = SIGNAL_OWNER; now = generation };
  do
  :: stateOf(page, now) == RAW ->
     if
     :: compacting
     :: else -> assert(stateOf(page, now) != RAW)
     fi;
     atomic {
       claim(page);
       if
       :: won -> begin(page, 0); mine = 1
       :: else
       fi
     };
     if
     :: mine -> mine = 0; forwardHere(page); break
     :: else
     fi
  :: stateOf(page, now) == CLAIMED -> await(mutator, page)
  :: atomic { stateOf(page, now) == READY -> at = words[page].slot };
     publish(page, 1, at);
     break
  :: stateOf(page, now) == MAPPED ->
#ifndef COPY
     map(page, 1, 0);
#endif
     break
  od;
  atomic { inside[mutator] = 0; me = 0; now = 0; at = 0; won = 0 }
}
