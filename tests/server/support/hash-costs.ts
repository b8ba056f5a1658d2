import { type HashCost, hashCost } from '../../../server/accounts/password-hash.ts'

/** What a hash takes on a server where only the rest of it is of interest: about a hundredth. */
export const leastHashCost: HashCost = { memory: 256, passes: 1, parallelism: 1 }

const costs = new Map<string, HashCost>()

/** Has the server of a data directory, and who puts people into it, hash passwords at the least cost. @returns that. */
export function hashAtLeastCost(dataDir: string): HashCost {
  costs.set(dataDir, leastHashCost)
  return leastHashCost
}

/** What hashes of passwords cost on the server of a data directory. */
export const hashCostIn = (dataDir: string): HashCost => costs.get(dataDir) ?? hashCost
