import type { Duplex } from 'node:stream'
import type { Route } from './route.ts'

/** Whom a route admits that asks nobody who they are, or takes any key. */
const strangers: readonly Route['admits'][] = ['anyone', 'extension', 'device']

/** @returns the routes, each of which says on whose connection it admitted somebody whose session or key was proven. */
export const tellAdmitted = (admit: (socket: Duplex) => void, routes: readonly Route[]): Route[] =>
  routes.map((route) =>
    strangers.includes(route.admits)
      ? route
      : {
          ...route,
          handle(context) {
            admit(context.env.incoming.socket)
            return route.handle(context)
          },
        },
  )
