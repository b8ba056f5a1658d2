import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** Whether all are answered is looked at this often, in ms. */
const lookEvery = 50

export interface RequestsUnderWay {
  /** @returns when every request is answered, or after `within` ms. */
  ended(within: number): Promise<void>
}

/**
 * Counts the requests that are not answered yet.
 *
 * @param isLeaving whether each connection is to end with its answer, so that the next request comes elsewhere.
 */
export function watchRequests(server: Server, isLeaving: () => boolean): RequestsUnderWay {
  let underWay = 0
  server.prependListener('request', (_request, response) => {
    underWay += 1
    response.once('close', () => {
      underWay -= 1
    })
    if (isLeaving()) response.shouldKeepAlive = false
  })
  return {
    async ended(within) {
      const until = performance.now() + within
      while (underWay > 0 && performance.now() < until) await delay(lookEvery)
    },
  }
}
