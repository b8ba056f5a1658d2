import { parentPort, workerData } from 'node:worker_threads'
import { check, type PropertyName } from './properties.ts'

const { name, runs, seed } = workerData as { name: PropertyName; runs: number; seed: number }
parentPort?.postMessage(check(name, runs, seed))
