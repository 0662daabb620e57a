/*
 * Memory, and what the kernel does about it.
 *
 * It promises less here than it does: a thread that found no page table entry is not asked again once it is in the queue,
 * so that a wake can come between. Whoever reads its message has to see to it.
 */
mtype:memory = { HOLE, STALE, PARTLY, RIGHT, ZERO };
mtype:waiter = { AWAKE, QUEUED, READ };

bit entry[PAGES];               /* the view has a page table entry */
mtype:memory workspace[PAGES];
#ifdef COPY
mtype:memory view[PAGES];       /* has pages of its own */
mtype:memory staged[SLOTS];     /* what stands in a staging slot, and of which page that is */
byte stagedOf[SLOTS];
#define SEEN(page) view[page]
#else
#define SEEN(page) workspace[page]
#endif

mtype:waiter queue[MUTATORS];   /* QUEUED: its message is not read; READ: it is, and the thread sleeps all the same */
byte faultAt[MUTATORS];
byte scratch = 0;

/* Registered MISSING|MINOR: a page that is not there is intercepted too. */
#define INTERCEPTED(page) true

/* UFFDIO_WAKE, or what a successful ioctl does at its end: an unread message vanishes with its thread's sleep. */
inline wake(first, count) {
  d_step {
    do
    :: scratch < MUTATORS ->
       if
       :: queue[scratch] != AWAKE && faultAt[scratch] >= first && faultAt[scratch] < first + (count) ->
          queue[scratch] = AWAKE;
          faultAt[scratch] = 0
       :: else
       fi;
       scratch++
    :: else -> scratch = 0; break
    od
  }
}

/* One page of an ioctl: UFFDIO_CONTINUE or UFFDIO_COPY. */
inline mapEntry(page, from) {
#ifdef COPY
  if
  :: (from) == 0 -> view[page] = workspace[page]
  :: else ->
     assert(stagedOf[from] == page); /* not yet used for another page */
     view[page] = staged[from]
  fi;
#else
  assert(workspace[page] != HOLE); /* EFAULT */
#endif
  entry[page] = 1
}

/* Takes an entry back, of memory that is shared. */
#if DROPS > 0
proctype pressure() {
  byte left = DROPS;
end_pressure:
  do
  :: d_step { left > 0 && entry[0] -> entry[0] = 0; left-- }
#if PAGES > 1
  :: d_step { left > 0 && entry[1] -> entry[1] = 0; left-- }
#endif
#if PAGES > 2
  :: d_step { left > 0 && entry[2] -> entry[2] = 0; left-- }
#endif
  od
}
#endif
