/* Threads that are lost: a worker in its task, a server in a message, at any step. */
#define THREADS (WORKERS + SERVERS)
bit busy[THREADS];
bit lost[THREADS];

/* What the properties speak of; no thread acts on these. */
byte builder[PAGES]; /* who is writing the page */
bit built[PAGES];
bit asked[PAGES];    /* a server has left word that the page is wanted */

#if DEATHS > 0
proctype reaper() {
  byte left = DEATHS;
end_reaper:
  do
  :: d_step { left > 0 && busy[0] && !lost[0] -> lost[0] = 1; left-- }
#if THREADS > 1
  :: d_step { left > 0 && busy[1] && !lost[1] -> lost[1] = 1; left-- }
#endif
#if THREADS > 2
  :: d_step { left > 0 && busy[2] && !lost[2] -> lost[2] = 1; left-- }
#endif
#if THREADS > 3
  :: d_step { left > 0 && busy[3] && !lost[3] -> lost[3] = 1; left-- }
#endif
  od
}
#endif

/* `me` has ended, in the middle of whatever it did. */
inline bury(thread) {
  d_step {
    lost[thread] = 0;
    do
    :: scratch < PAGES ->
       if
       :: builder[scratch] == me -> builder[scratch] = 0
       :: else
       fi;
       scratch++
    :: else -> scratch = 0; break
    od;
    page = 0; done = 0; to = 0; at = 0; first = 0; length = 0;
    won = 0; mine = 0; wanted = 0; taken = 0
  }
}
