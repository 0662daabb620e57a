/** What was opened together is closed together, whatever happens in between. */
interface Closable {
  close(): void;
}

export type Own = <T extends Closable>(thing: T) => T;

/** Whatever `make` says that it owns is closed, the last first, if it throws. */
export function openAll<T>(make: (own: Own) => T): T {
  const opened: Closable[] = [];
  try {
    return make((thing) => {
      opened.push(thing);
      return thing;
    });
  } catch (error) {
    try {
      closeAll(opened.reverse());
    } catch {
      // what failed first says more
    }
    throw error;
  }
}

/** Closes every one, and throws the first error after that. */
export function closeAll(things: readonly (Closable | null | undefined)[]): void {
  const errors: unknown[] = [];
  for (const thing of things) {
    try {
      thing?.close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
