import type { Duplex } from 'node:stream'
import type { Context, Route } from './route.ts'

/** Whom a route admits that asks nobody who they are, or takes any key. */
const strangers: readonly Route['admits'][] = ['anyone', 'extension', 'device']

/**
 * @param admit told of each connection on which a session or key was proven, and whose that is.
 * @returns the routes, each of which tells it.
 */
export const markProvenConnections = (
  admit: (socket: Duplex, by: string) => void,
  routes: readonly Route[],
): Route[] =>
  routes.map((route) =>
    strangers.includes(route.admits)
      ? route
      : {
          ...route,
          handle(context) {
            admit(context.env.incoming.socket, whoAsks(context) ?? route.admits)
            return route.handle(context)
          },
        },
  )

/** The variables are those of Env, of which each route has the ones of its guard. */
function whoAsks(context: Context): string | undefined {
  const { caller, session } = context.var as Partial<Context['var']>
  return caller?.id ?? session?.account.id
}
