/*
 * The page words: heap/page-state.ts and gc/protocol.ts. Each inline is one compare-and-swap or exchange of the code,
 * with the load before it: that fails exactly if the word has changed in between.
 */
mtype:state = { RAW, CLAIMED, READY, MAPPED };

typedef Word {
  byte generation;
  mtype:state state;
  byte slot; /* of a READY page; owner of a CLAIMED one */
  bit wanted
}

Word words[PAGES];

#define stateOf(page, now) (words[page].generation == (now) -> words[page].state : RAW)

/* RAW -> CLAIMED. `won`: the page is `me`'s to make right. */
inline claim(page) {
  d_step {
    if
    :: stateOf(page, now) == RAW ->
       words[page].generation = now;
       words[page].state = CLAIMED;
       words[page].slot = me;
       words[page].wanted = 0;
       won = 1
    :: else -> won = 0
    fi
  }
}

/* CLAIMED by `gone` -> CLAIMED by `me`. Who waits still waits. */
inline takeOver(page, gone) {
  d_step {
    if
    :: stateOf(page, now) == CLAIMED && words[page].slot == gone ->
       words[page].slot = me;
       taken = 1;
       won = 1
    :: else -> won = 0
    fi
  }
}

/* CLAIMED -> READY. `wanted`: somebody waits for it. */
inline ready(page, at) {
  d_step {
    assert(stateOf(page, now) == CLAIMED && words[page].slot == me);
    wanted = words[page].wanted;
    words[page].state = READY;
    words[page].slot = at;
    words[page].wanted = 0
  }
}

/* A mutator waits for a CLAIMED page. Not `won`: it is not CLAIMED any more. */
inline want(page) {
  d_step {
    if
    :: stateOf(page, now) == CLAIMED ->
       words[page].wanted = 1;
       asked[page] = 1;
       won = 1
    :: else -> won = 0
    fi
  }
}

/* READY -> MAPPED, a plain store. */
inline mapped(page) {
  d_step {
    words[page].generation = now;
    words[page].state = MAPPED;
    words[page].slot = 0;
    words[page].wanted = 0
  }
}
