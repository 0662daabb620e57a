/** Threads for long tasks: a pool of exactly as many as there are tasks. */
import { Piscina } from 'piscina';

/** `file`: beside this one. */
export function poolOf(file: string, threads: number): Piscina {
  return new Piscina({
    filename: new URL(file, import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
  });
}

/** Runs one task in a thread of its own, which ends with it. */
export async function runOnce<Task, Outcome>(file: string, task: Task): Promise<Outcome> {
  const pool = poolOf(file, 1);
  try {
    return (await pool.run(task)) as Outcome;
  } finally {
    await pool.destroy();
  }
}
