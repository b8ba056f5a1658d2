import * as v from 'valibot'
import { protocolVersion } from '../../protocol/connection.ts'
import type { Health, SignInOffers } from '../../protocol/http.ts'
import type { Route } from './route.ts'

export interface HealthDependencies {
  readonly isWritable: () => boolean | Promise<boolean>
  /** Whether rings get through to where devices are. */
  readonly isConnected: () => boolean
  /** Whether it is the other nodes that cannot be heard, and not NATS that is lost. */
  readonly isCutOff: () => boolean
  /** Whether this node stops, and takes nobody new. */
  readonly isDraining: () => boolean
  /** Whether people can speak in the room of an answered call; known then too. */
  readonly canRoom: () => boolean
  /** Made at each asking: addresses are known once the server listens. */
  readonly signIn: () => SignInOffers
  /** Figures for a program that watches, in the format that it asks for. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

/** Who we are, whether we can do our work (a call could be written down now), and how we fare. */
export const healthRoutes = ({
  isWritable,
  isConnected,
  isCutOff,
  isDraining,
  canRoom,
  signIn,
  metrics,
}: HealthDependencies): Route[] => [
  {
    method: 'GET',
    path: '/live',
    admits: 'anyone',
    // For whoever starts a process anew that hangs: it lives, whatever else may be away.
    handle: (context) => context.json({ live: true }),
  },
  {
    method: 'GET',
    path: '/health',
    admits: 'extension',
    handle(context) {
      const health: Health = {
        service: 'reachable',
        protocols: [protocolVersion],
        canRoom: canRoom(),
        signIn: signIn(),
      }
      return context.json(health)
    },
  },
  {
    method: 'GET',
    path: '/ready',
    admits: 'anyone',
    async handle(context) {
      const why = isDraining()
        ? 'draining'
        : !(await isWritable())
          ? 'The database cannot be written to.'
          : !isConnected()
            ? isCutOff()
              ? 'Other nodes are not heard over NATS.'
              : 'NATS is lost.'
            : undefined
      return why === undefined ? context.json({ ready: true }) : context.json({ ready: false, why }, 503)
    },
  },
  {
    method: 'GET',
    path: '/metrics',
    admits: 'metrics',
    describes: {
      summary: 'How the server fares',
      about: 'Figures in the format of Prometheus. Nobody is in them by name or address.',
      answers: { 200: { about: 'The figures.', schema: v.string(), type: 'text/plain' } },
      refuses: ['unauthorized', 'too-many-attempts'],
    },
    async handle(context) {
      const { contentType, text } = await metrics()
      return context.body(text, 200, { 'Content-Type': contentType })
    },
  },
]
