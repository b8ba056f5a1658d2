import { readFileSync } from 'node:fs'

/** What processes use now, all together. */
export interface ProcessUsage {
  /** Milliseconds of processor time since they began. */
  readonly cpu: number
  /** Bytes in memory; what several of them share counts once. */
  readonly memory: number
}

/** The kernel counts in hundredths of a second. */
const tick = 10

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The program's name, in brackets, may have spaces in it.
  const [, ...fields] = stat.slice(stat.lastIndexOf(')') + 1).split(' ')
  const [user = 0, system = 0] = fields.slice(11, 13).map(Number)
  return (user + system) * tick
}

const memoryOf = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1_024

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** As Linux's kernel counts it, which is the same for every program. @throws where there is no such kernel, or process. */
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
