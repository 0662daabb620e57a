/*
 * The page protocol (gc/protocol.ts) with everybody who takes part in it, for SPIN. README.md says what is modelled,
 * what is left out, and how it is run.
 *
 * Bounds, all of them set with -D: pages, mutators and the pages that each touches, compaction workers, fault servers
 * (0: delivery by signal), flips, threads that are lost, page table entries that the kernel drops, pages published by
 * one call. COPY: the resolution copies, otherwise it is `continue`.
 */
#ifndef PAGES
#define PAGES 2
#endif
#ifndef REGION_PAGES
#define REGION_PAGES PAGES
#endif
#ifndef MUTATORS
#define MUTATORS 1
#endif
#ifndef TOUCHES
#define TOUCHES 1
#endif
#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef SERVERS
#define SERVERS 1
#endif
#ifndef FLIPS
#define FLIPS 1
#endif
#ifndef DEATHS
#define DEATHS 0
#endif
#ifndef DROPS
#define DROPS 0
#endif
#ifndef BATCH
#define BATCH 2
#endif

#if defined(COPY) && DROPS > 0
#error private memory is not dropped
#endif

#define REGIONS ((PAGES + REGION_PAGES - 1) / REGION_PAGES)
/* Regions are targets and kept ones by turns. */
#define TARGET(page) ((((page) / REGION_PAGES) % 2) == 0)

/* Words of control (heap/control.ts, heap/fault-words.ts). */
byte generation = 0; /* of the last flip */
bit compacting = 0;
bit ending = 0;       /* FaultServers.ending */
bit stop = 0;         /* the heap is closed */
byte cursor = 0;      /* the next region for a worker */
bit stopping = 0;     /* mutators are to stand still */
bit safe[MUTATORS];   /* a mutator stands at a safepoint, or between two touches */
byte finished = 0;    /* mutators that are through */
byte ended = 0;       /* workers' tasks of this compaction that are done */
bit onMainThread = 0; /* the collector's own thread does one thing at a time */

/* Owner numbers; 0 is nobody. */
#define WORKER_OWNER(worker) (1 + (worker))
#define SERVER_OWNER(server) (1 + WORKERS + (server))
#define HEIR_OWNER(worker) (1 + WORKERS + SERVERS + (worker))
#define COLLECTOR_OWNER (1 + WORKERS + SERVERS + WORKERS)
#define SIGNAL_OWNER (2 + WORKERS + SERVERS + WORKERS)

/* Staging slots: `BATCH` of each worker, and one of each server. 0 is the workspace. */
#define WORKER_SLOT(worker) (1 + (worker) * BATCH)
#define SERVER_SLOT(server) (1 + WORKERS * BATCH + (server))
#define SLOTS (1 + WORKERS * BATCH + SERVERS)

#include "words.pml"
#include "kernel.pml"
#include "loss.pml"
#if SERVERS == 0
byte asleep[MUTATORS]; /* in the futex of this page, + 1 */
#endif
#include "forwarder.pml"
#include "worker.pml"
#if SERVERS > 0
#include "server.pml"
#else
#include "signal.pml"
#endif
#include "mutator.pml"
#include "collector.pml"

init {
  byte i = 0;
  atomic {
    do
    :: i < MUTATORS -> safe[i] = 1; queue[i] = AWAKE; i++
    :: else -> break
    od;
    flipNow();
    i = 0;
    do
    :: i < MUTATORS -> run mutator(i); i++
    :: else -> break
    od;
    i = 0;
    do
    :: i < WORKERS -> run worker(i); i++
    :: else -> break
    od;
#if SERVERS > 0
    i = 0;
    do
    :: i < SERVERS -> run server(i); i++
    :: else -> break
    od;
#endif
#if DROPS > 0
    run pressure();
#endif
#if DEATHS > 0
    run reaper();
#endif
    i = 0;
    run collector()
  }
}
