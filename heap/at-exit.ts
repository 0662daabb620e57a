/** What is to be done when this thread ends: one listener for all, however many there are. */

const waiting = new Set<() => void>();
let listens = false;

/** Not inside atExit, whose variables, and with them the first that asked, it would keep for as long as the thread lives. */
function onExit(): void {
  for (const act of [...waiting]) act();
}

/** Calls `act` when the thread ends; returns what takes that back. */
export function atExit(act: () => void): () => void {
  waiting.add(act);
  if (!listens) {
    listens = true;
    process.once('exit', onExit);
  }
  return () => waiting.delete(act);
}
