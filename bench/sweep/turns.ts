/**
 * Who is measured next, of invocations that stand side by side: one at a time, there and back (A B B A A B …), so that what
 * drifts on the machine weighs on each of them alike. A turn begins when all others wait: nobody sets up, warms up or
 * checks beside it. One that has ended is waited for no longer.
 */
import type { Awaited } from '../schema/protocol.js';

interface Member {
  waits: { readonly for: Awaited; readonly go: () => void } | undefined;
  ended: boolean;
}

export class Turns {
  private readonly members: Member[];
  /** Members that are still to come in this round, the next one last. */
  private round: Member[] = [];
  private forward = false;

  constructor(count: number) {
    this.members = Array.from({ length: count }, () => ({ waits: undefined, ended: false }));
  }

  waiting(member: number, awaited: Awaited, go: () => void): void {
    this.members[member].waits = { for: awaited, go };
    this.goOn();
  }

  ended(member: number): void {
    this.members[member].ended = true;
    this.goOn();
  }

  private goOn(): void {
    const here = this.members.filter(({ ended }) => !ended);
    if (here.length === 0 || here.some(({ waits }) => waits === undefined)) return;
    if (here.every(({ waits }) => waits?.for === 'end')) {
      for (const member of here) go(member);
      return;
    }
    go(this.next());
  }

  /** At least one awaits its turn. */
  private next(): Member {
    for (;;) {
      const member = this.round.pop();
      if (member !== undefined && !member.ended && member.waits?.for === 'turn') return member;
      if (member !== undefined) continue;
      this.round = this.forward ? [...this.members] : [...this.members].reverse();
      this.forward = !this.forward;
    }
  }
}

function go(member: Member): void {
  const { waits } = member;
  member.waits = undefined;
  waits?.go();
}
