import { readFileSync } from 'node:fs'

/** What processes use now, all together. */
export interface ProcessUsage {
  /** Milliseconds of processor time since they began. */
  readonly cpu: number
  /** Bytes in memory; what several of them share counts once. */
  readonly memory: number
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** The kernel counts in hundredths of a second. */
const tick = 10

/** Undefined for a process that has ended meanwhile, as those come and go that others start. */
function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && (fault.code === 'ENOENT' || fault.code === 'ESRCH'))
      return undefined
    throw fault
  }
}

/** Its own, and that of those which it started and which have ended. */
function cpuOf(pid: number): number {
  const stat = read(pid, 'stat') ?? ''
  // The program's name, in brackets, may have spaces in it.
  const [, ...fields] = stat.slice(stat.lastIndexOf(')') + 1).split(' ')
  return sum(fields.slice(11, 15).map(Number)) * tick
}

const memoryOf = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB/m.exec(read(pid, 'smaps_rollup') ?? '')?.[1] ?? 0) * 1_024

/** As Linux's kernel counts it, which is the same for every program; elsewhere it is nothing. */
export const usageOf = (pids: readonly number[]): ProcessUsage => ({
  cpu: sum(pids.map(cpuOf)),
  memory: sum(pids.map(memoryOf)),
})

/**
 * The share of one core that is used in the next `ms`.
 *
 * @param cpu what was used until now, in ms.
 */
export async function shareOfCore(cpu: () => number | Promise<number>, ms: number): Promise<number> {
  const [before, at] = [await cpu(), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, ms))
  return ((await cpu()) - before) / (performance.now() - at)
}
