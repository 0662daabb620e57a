/**
 * The largest graph a file may hold: some 2 GiB of ordinary objects. A reader allocates by these and by what the file
 * really contains, so that a header that lies costs a sentence and not the machine's memory.
 */
export const limits = {
  objects: 2 ** 25,
  roots: 2 ** 25,
  references: 2 ** 27,
  classes: 2 ** 20,
  /** Bytes of the file, and of its contents once decompressed. */
  fileBytes: 2 ** 29,
  contentBytes: 2 ** 29,
} as const;
