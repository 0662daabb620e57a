/** What an import left out or made up, and why. */
export interface ImportReport {
  /** Version of the dump, `JAVA PROFILE 1.0.2` for example. */
  readonly format: string;
  /** Bytes of the dump, unpacked. */
  readonly dumpBytes: number;
  /** Objects of the dump, those left out included. */
  readonly dumpObjects: number;
  /** Objects that no root leads to: left out. */
  readonly unreachableObjects: number;
  /** Objects dumped again under an id that was there already: left out. */
  readonly duplicateObjects: number;
  /** References and roots that name an object the dump does not have: taken as null. */
  readonly danglingReferences: number;
  /** Instances of classes that the dump lacks: kept with their size, and the references that are known. */
  readonly standIns: number;
  /** Classes of the boot loader that became roots, because no class is one by the dump. */
  readonly bootRoots: number;
  /** Heap records whose length is wrong: read to where they really end. */
  readonly wrongLengths: number;
  /** Primitive arrays whose elements were stripped from the file: kept with their size. */
  readonly strippedArrays: number;
  /** Which of the file's dumps was read, and how many there are. */
  readonly dump: number;
  readonly dumps: number;
  /** Reachable objects that are not part of the sample, and the references to them, which are null. */
  readonly unsampledObjects: number;
  readonly cutReferences: number;
}

/** Of a dump that is as it should be. */
export const nothingOdd = {
  duplicateObjects: 0,
  danglingReferences: 0,
  standIns: 0,
  bootRoots: 0,
  wrongLengths: 0,
  strippedArrays: 0,
  dump: 1,
  dumps: 1,
} as const satisfies Partial<ImportReport>;
