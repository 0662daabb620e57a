/** A memory cgroup of our own below the one we are in, where we may make one. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const V1 = '/sys/fs/cgroup/memory';
const V2 = '/sys/fs/cgroup';

export class MemoryCgroup {
  private constructor(
    readonly folder: string,
    private readonly isV1: boolean,
  ) {}

  /** Why there is none, or one in which processes may have so many bytes together. */
  static make(bytes: number): MemoryCgroup | string {
    const groups = readFileSync('/proc/self/cgroup', 'utf8');
    const v1 = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(groups)?.[1];
    const v2 = /^0::(.*)$/m.exec(groups)?.[1];
    const name = `continuum-test-${process.pid}`;
    const isV1 = v1 !== undefined && existsSync(V1);
    const folder = isV1 ? join(V1, v1, name) : join(V2, v2 ?? '', name);
    try {
      mkdirSync(folder);
    } catch (error) {
      return (error as Error).message;
    }
    const group = new MemoryCgroup(folder, isV1);
    try {
      writeFileSync(join(folder, isV1 ? 'memory.limit_in_bytes' : 'memory.max'), String(bytes));
      return group;
    } catch (error) {
      group.remove();
      return (error as Error).message;
    }
  }

  /** For a shell: enters the group, and becomes what it is given. */
  get shell(): string {
    return `ulimit -c 0; echo $$ > '${join(this.folder, 'cgroup.procs')}' && exec "$@"`;
  }

  /** Processes of the group that the kernel has killed for memory. */
  get killed(): number {
    const file = join(this.folder, this.isV1 ? 'memory.oom_control' : 'memory.events');
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1]);
  }

  /** Its processes have ended. */
  remove(): void {
    rmdirSync(this.folder);
  }
}
