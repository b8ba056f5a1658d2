import type { Server } from 'node:http'

/** Counts the answers of a server from now on. @returns how many of each status there were. */
export function countResponses(server: Server): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  server.on('request', (_request, response) => {
    response.once('finish', () => counts.set(response.statusCode, (counts.get(response.statusCode) ?? 0) + 1))
  })
  return counts
}
