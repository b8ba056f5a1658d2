import { protocolVersion } from '../../protocol/connection.ts'
import type { Health, SignInOffers } from '../../protocol/http.ts'
import type { Route } from './route.ts'

export interface HealthDependencies {
  readonly isWritable: () => Promise<boolean>
  /** Made at each asking: addresses are known once the server listens. */
  readonly signIn: () => SignInOffers
  /** Figures for a program that watches, in the format that it asks for. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

/** Who we are, whether we can do our work (a call could be written down now), and how we fare. */
export const healthRoutes = ({ isWritable, signIn, metrics }: HealthDependencies): Route[] => [
  {
    method: 'GET',
    path: '/health',
    admits: 'extension',
    handle(context) {
      const health: Health = { service: 'reachable', protocols: [protocolVersion], signIn: signIn() }
      return context.json(health)
    },
  },
  {
    method: 'GET',
    path: '/ready',
    admits: 'anyone',
    handle: async (context) =>
      (await isWritable())
        ? context.json({ ready: true })
        : context.json({ ready: false, why: 'The database cannot be written to.' }, 503),
  },
  {
    method: 'GET',
    path: '/metrics',
    admits: 'metrics',
    async handle(context) {
      const { contentType, text } = await metrics()
      return context.body(text, 200, { 'Content-Type': contentType })
    },
  },
]
