import type * as v from 'valibot'
import type { health, SignInOffers } from '../../protocol/http.ts'
import { protocolVersion } from '../../protocol/line.ts'
import type { Route } from './route.ts'

type Health = v.InferInput<typeof health>

/**
 * Who we are and how one signs in, and whether we can do our work: a call could be written down now.
 *
 * @param offers what there is besides username and password.
 */
export const healthRoutes = (
  keeps: () => Promise<boolean>,
  offers: () => Pick<SignInOffers, 'forgot' | 'signUp'>,
): Route[] => [
  {
    method: 'GET',
    path: '/health',
    admits: 'extension',
    handle: (request) =>
      request.json({
        service: 'reachable',
        protocols: [protocolVersion],
        signIn: { issuer: null, ...offers() },
      } satisfies Health),
  },
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
