/* One thread's hands: gc/forwarder.ts and gc/workers/recover.ts. */

#define HANDS \
  byte me = 0; byte now = 0; byte page = 0; byte done = 0; byte to = 0; byte at = 0; \
  byte first = 0; byte length = 0; bit won = 0; bit mine = 0; bit wanted = 0; bit taken = 0

/*
 * A page that was claimed or taken over is made right in two steps: between them it is neither what it was nor what it
 * is to be. What nobody can tell apart is one step: claiming and beginning, ending and saying READY.
 */
inline begin(page, place) {
  d_step {
    assert(builder[page] == 0);       /* one builder at a time, */
    assert(!built[page] || taken);    /* and once, unless it was lost before it could say so; */
    assert(!entry[page]);             /* no mutator sees it meanwhile */
    builder[page] = me;
    taken = 0;
    won = 0;
#ifdef COPY
    if
    :: TARGET(page) -> at = place; stagedOf[at] = page; staged[at] = PARTLY
    :: else -> at = 0; workspace[page] = PARTLY
    fi
#else
    at = 0;
    workspace[page] = PARTLY
#endif
  }
}

inline end(page) {
  d_step {
#ifdef COPY
    if
    :: at != 0 -> staged[at] = RIGHT
    :: else -> workspace[page] = RIGHT
    fi;
#else
    workspace[page] = RIGHT;
#endif
    built[page] = 1;
    builder[page] = 0
  }
}

/*
 * Publishes pages [start, start + count). An ioctl ends at the first page that is there, or when it pleases (EAGAIN); one
 * that has done something wakes, in the end, whoever waits for what it has done.
 */
inline map(start, count, place) {
  do
  :: done == (count) -> done = 0; to = 0; break
  :: else ->
     to = done;
     do
     :: atomic { to < (count) && !entry[start + to] ->
          mapEntry(start + to, ((place) == 0 -> 0 : (place) + to));
          to++
        }
     :: to > done && to < (count) -> break
     :: to == (count) || entry[start + to] -> break
     od;
     if
     :: to > done -> wake(start + done, to - done); done = to
     :: else -> wake(start + done, 1); done++ /* EEXIST: wakes nobody by itself */
     fi
  od
}

inline publish(start, count, place) {
  map(start, count, place);
  do
  :: done < (count) -> mapped(start + done); done++
  :: else -> done = 0; break
  od
}

/* Lets go of who sleeps in its signal handler. */
inline wakeWaiters(page) {
#if SERVERS == 0
  d_step {
    do
    :: scratch < MUTATORS ->
       if
       :: asleep[scratch] == 1 + page -> asleep[scratch] = 0
       :: else
       fi;
       scratch++
    :: else -> scratch = 0; break
    od
  }
#else
  skip
#endif
}

/* The rest of what is done with a page that is begun. */
inline finish(page) {
  atomic { end(page); ready(page, at) };
  publish(page, 1, at);
  at = 0;
  if
  :: wanted -> wakeWaiters(page); wanted = 0
  :: else
  fi
}

/* What the lost thread left: READY pages are published first, because their slots may be its. */
inline recover(before, place) {
  page = 0;
  do
  :: page < PAGES ->
     if
     :: atomic { stateOf(page, now) == READY -> at = words[page].slot };
        publish(page, 1, at);
        at = 0
     :: else
     fi;
     page++
  :: else -> break
  od;
  page = 0;
  do
  :: page < PAGES ->
     atomic {
       claim(page);
       if
       :: !won -> takeOver(page, before)
       :: else
       fi;
       if
       :: won -> begin(page, place); mine = 1
       :: else
       fi
     };
     if
     :: mine -> mine = 0; finish(page)
     :: else
     fi;
     page++
  :: else -> page = 0; break
  od
}
