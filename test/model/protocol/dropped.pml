/*
 * A fault on a page of the present view whose entry the kernel has dropped: gc/delivery/handler.ts. Its word says MAPPED,
 * or speaks of the coming flip already. No compaction runs.
 */
/* Pages.state: the word is loaded once, and then AHEAD. */
inline look(page) {
  d_step { generationSeen = words[page].generation; seen = words[page].state };
  if
  :: generationSeen == PRESENT
  :: generationSeen != PRESENT && generationSeen == ahead -> seen = MAPPED
  :: generationSeen != PRESENT && generationSeen != ahead -> seen = RAW
  fi
}

proctype server() {
  byte page = 0;
  byte generationSeen = 0;
  mtype:state seen = RAW;
  do
  :: stop && waiting == 0 -> break
  :: waiting != 0 ->
     page = waiting - 1;
     look(page);                 /* strays */
     if
     :: seen == RAW -> look(page); assert(seen != RAW)
     :: else
     fi;
     look(page);                 /* resolve: a RAW page would be claimed, and forwarded before the flip */
     assert(seen == MAPPED);
     atomic { present[page] = 1; waiting = 0; page = 0; generationSeen = 0; seen = RAW }
  od
}
