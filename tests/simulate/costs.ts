import type { Service } from './worst-hour.ts'

/**
 * What each thing costs, as `npm run simulate -- --measure 1000` found it on the busy machine of docs/SCALE.md, rounded up.
 * That measures a hello as a whole, with its first heartbeat: what of it is the connection is reckoned, and so are a
 * refusal and the look at `/health`.
 */
export const measuredService: Service = {
  nodes: 200,
  acceptCost: 0.5,
  helloCost: 2.3,
  heartbeatCost: 0.35,
  healthCost: 0.3,
  closeCost: 0.1,
  databaseCost: 1.8,
  databaseCores: 128,
  transactionsPerHello: 7,
  handshakesPerSecond: 100_000,
  shedAfter: Number.POSITIVE_INFINITY,
}
