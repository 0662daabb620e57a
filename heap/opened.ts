/** What a creation has opened so far is closed again where the rest cannot be had. */
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
    for (const thing of opened.reverse()) thing.close();
    throw error;
  }
}
