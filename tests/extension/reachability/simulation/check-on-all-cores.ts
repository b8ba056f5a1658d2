import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Checked, PropertyName } from './properties.ts'

/** Runs schedules of a property on every core, each with seeds of its own. */
export async function checkOnAllCores(name: PropertyName, runs: number, seed: number): Promise<Checked> {
  const cores = Math.min(availableParallelism(), Math.ceil(runs / 100))
  const parts = await Promise.all(
    Array.from({ length: cores }, async (_, core) => {
      const part = Math.floor(runs / cores) + (core < runs % cores ? 1 : 0)
      const worker = new Worker(new URL('./check-worker.ts', import.meta.url), {
        workerData: { name, runs: part, seed: (seed + core * 0x9e3779b9) | 0 },
      })
      const [checked] = (await once(worker, 'message')) as [Checked]
      return checked
    }),
  )
  return {
    ran: parts.reduce((sum, { ran }) => sum + ran, 0),
    green: parts.reduce((sum, { green }) => sum + green, 0),
    seen: parts.reduce((sum, { seen }) => sum + seen, 0),
    moved: parts.reduce((sum, { moved }) => sum + moved, 0),
    ends: sumOf(parts.map(({ ends }) => ends)),
    counterexample: parts.find(({ counterexample }) => counterexample)?.counterexample ?? null,
  }
}

function sumOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const [name, count] of counts.flatMap((one) => Object.entries(one)))
    sum[name] = (sum[name] ?? 0) + count
  return sum
}
