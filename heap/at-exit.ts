/** What is to be done when this thread ends: one listener for all, however many there are. */

const waiting = new Set<() => void>();
let listens = false;

/** Calls `act` when the thread ends; returns what takes that back. */
export function atExit(act: () => void): () => void {
  waiting.add(act);
  if (!listens) {
    listens = true;
    process.once('exit', () => {
      for (const each of [...waiting]) each();
    });
  }
  return () => waiting.delete(act);
}
