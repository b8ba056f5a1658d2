import type * as v from 'valibot'
import type { health as schema } from '../../protocol/http.ts'
import { protocolVersion } from '../../protocol/line.ts'
import type { Route } from './route.ts'

const health: v.InferInput<typeof schema> = {
  service: 'reachable',
  protocols: [protocolVersion],
  signIn: { issuer: null, forgot: null, signUp: null },
}

/** Who we are, and whether we can do our work: a call could be written down now. */
export const healthRoutes = (keeps: () => Promise<boolean>): Route[] => [
  { method: 'GET', path: '/health', admits: 'extension', handle: (request) => request.json(health) },
  {
    method: 'GET',
    path: '/ready',
    admits: 'anyone',
    handle: async (request) =>
      (await keeps())
        ? request.json({ ready: true })
        : request.json({ ready: false, why: 'The database cannot be written to.' }, 503),
  },
]
