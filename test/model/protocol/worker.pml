/* A compaction worker (gc/workers/compact.ts), and who finishes its pages if it is lost (gc/phases/compact.ts). */

/* Pages of the run are READY; with the next one built behind them, a wanted one would have to wait. */
inline nobodyWaits() {
  d_step {
    scratch = first;
    do
    :: scratch < first + length -> assert(!asked[scratch]); scratch++
    :: else -> scratch = 0; break
    od
  }
}

inline compact(worker) {
  do
  :: atomic { cursor < REGIONS -> page = cursor * REGION_PAGES; until = page + REGION_PAGES; cursor++ };
     if
     :: until > PAGES -> until = PAGES
     :: else
     fi;
     do
     :: page < until ->
        flush = 1;
        if
        :: stateOf(page, now) == MAPPED
        :: else ->
           atomic {
             claim(page);
             if
             :: won -> nobodyWaits(); begin(page, WORKER_SLOT(worker) + length); mine = 1
             :: else
             fi
           };
           if
           :: mine ->
              atomic {
                end(page);
                ready(page, at);
                mine = 0;
                if
                :: length == 0 -> first = page; from = at
                :: else
                fi;
                at = 0;
                length++;
                flush = (wanted || length == BATCH)
              }
           :: else
           fi
        fi;
        if
        :: flush && length > 0 -> publish(first, length, from); length = 0; first = 0; from = 0
        :: else
        fi;
        if
        :: wanted -> wakeWaiters(page); wanted = 0
        :: else
        fi;
        flush = 0;
        page++
     :: else -> page = 0; until = 0; break
     od;
     if
     :: length > 0 -> publish(first, length, from); length = 0; first = 0; from = 0
     :: else
     fi
  :: cursor >= REGIONS -> break
  od
}

proctype worker(byte number) {
  HANDS;
  byte until = 0;
  byte from = 0;
  bit flush = 0;
  byte losses = 0;
  do
  :: now == FLIPS -> break
  :: atomic { now < FLIPS && generation > now -> now = generation; me = WORKER_OWNER(number); busy[number] = 1 };
     {
       compact(number);
       busy[number] = 0
     } unless { lost[number] ->
       bury(number);
       until = 0; from = 0; flush = 0;
       losses = 1
     };
     if
     :: losses == 1 ->
        me = HEIR_OWNER(number);
        {
          recover(WORKER_OWNER(number), WORKER_SLOT(number));
          busy[number] = 0
        } unless { lost[number] ->
          bury(number);
          losses = 2
        }
     :: else
     fi;
     if
     :: losses == 2 ->
        busy[number] = 0;
        atomic { !onMainThread -> onMainThread = 1 };
        me = COLLECTOR_OWNER;
        recover(WORKER_OWNER(number), WORKER_SLOT(number));
        recover(HEIR_OWNER(number), WORKER_SLOT(number));
        onMainThread = 0
     :: else
     fi;
     atomic { losses = 0; me = 0; ended++ }
  od
}
