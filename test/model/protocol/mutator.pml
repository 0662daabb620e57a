/* A mutator: touches pages, one after the other, whichever it likes, with a safepoint between them. */
proctype mutator(byte number) {
  HANDS;
  byte touches = TOUCHES;
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
#if PAGES > 3
       :: page = 3
#endif
       fi
     };
     do
     :: atomic { entry[page] -> assert(SEEN(page) == RIGHT); break }
     :: atomic { !entry[page] && !INTERCEPTED(page) -> workspace[page] = ZERO; entry[page] = 1 }
     :: !entry[page] && INTERCEPTED(page) ->
#if SERVERS > 0
        d_step { queue[number] = QUEUED; faultAt[number] = page };
        queue[number] == AWAKE
#else
        handle(number, page)
#endif
     od;
     atomic { page = 0; touches--; safe[number] = 1 }
  :: touches == 0 -> break
  od;
  finished++
}
