/** Loaded before a program (`--import`): the machine says that it is one whose stores may be seen out of order. */
Object.defineProperty(process, 'arch', { value: 'arm64' });
