/* A fault server (gc/delivery/handler.ts), and what is done where one is lost (gc/delivery/servers.ts). */

bit serving[SERVERS];

#if MUTATORS == 1
#define PENDING (queue[0] == QUEUED)
#elif MUTATORS == 2
#define PENDING (queue[0] == QUEUED || queue[1] == QUEUED)
#else
#define PENDING (queue[0] == QUEUED || queue[1] == QUEUED || queue[2] == QUEUED)
#endif

/* read(): all there are. They are moved, not settled: who waits for them still sleeps. */
inline readMessages() {
  d_step {
    do
    :: scratch < MUTATORS ->
       if
       :: queue[scratch] == QUEUED ->
          queue[scratch] = READ;
          message[count] = faultAt[scratch];
          count++
       :: else
       fi;
       scratch++
    :: else -> scratch = 0; break
    od
  }
}

/* A RAW page may be touched only while a compaction runs; here, nobody strays. */
inline strays(page) {
  if
  :: stateOf(page, now) == RAW ->
     if
     :: compacting
     :: else -> assert(stateOf(page, now) != RAW)
     fi
  :: else
  fi
}

inline resolve(page, place) {
  do
  :: stateOf(page, now) == RAW ->
     atomic {
       claim(page);
       if
       :: won -> begin(page, place); mine = 1
       :: else
       fi
     };
     if
     :: mine -> mine = 0; finish(page); break
     :: else
     fi
  :: stateOf(page, now) == CLAIMED ->
     want(page);
     if
     :: won -> won = 0; break
     :: else
     fi
  :: stateOf(page, now) == READY ->
     at = words[page].slot;
     publish(page, 1, at);
     at = 0;
     break
  :: stateOf(page, now) == MAPPED ->
#ifdef COPY
     wake(page, 1); /* what stands in the workspace is older than what mutators wrote */
#else
     map(page, 1, 0); /* the kernel may have dropped the entry since */
#endif
     break
  od
}

proctype server(byte number) {
  HANDS;
  byte message[MUTATORS];
  byte count = 0;
  byte next = 0;
  bit isLost = 0;
  do
  :: stop -> break
  :: atomic { !stop && PENDING ->
       serving[number] = 1;
       busy[WORKERS + number] = 1;
       me = SERVER_OWNER(number);
       readMessages()
     };
     {
       do
       :: next < count ->
          d_step { page = message[next]; message[next] = 0; now = generation };
          strays(page);
          resolve(page, SERVER_SLOT(number));
          next++
       :: else -> break
       od;
       atomic { serving[number] = 0; busy[WORKERS + number] = 0 }
     } unless { lost[WORKERS + number] ->
       bury(WORKERS + number);
       isLost = 1
     };
     if
     :: isLost ->
        atomic { !onMainThread -> onMainThread = 1 };
        if
        :: ending || compacting ->
           atomic { me = COLLECTOR_OWNER; now = generation };
           recover(SERVER_OWNER(number), SERVER_SLOT(number))
        :: else
        fi;
        atomic { serving[number] = 0; busy[WORKERS + number] = 0 };
        wake(0, PAGES); /* whose messages it had read */
        onMainThread = 0
     :: else
     fi;
     d_step {
       isLost = 0; count = 0; next = 0; me = 0; now = 0; page = 0; at = 0; won = 0;
       do
       :: scratch < MUTATORS -> message[scratch] = 0; scratch++
       :: else -> scratch = 0; break
       od
     }
  od
}
