import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { ApiKey } from '../accounts/api-keys.ts'

export interface Env {
  Bindings: HttpBindings
  Variables: {
    /** Who asks, on routes that admit only those with a key. */
    caller: ApiKey
  }
}

export type Request = Context<Env>

/**
 * One thing that can be asked by HTTP. Whom it admits has to be said: no route is open by being forgotten.
 * `extension` is for requests of browsers' extensions: answered with CORS, refused to strange origins.
 */
export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly admits: 'anyone' | 'extension' | 'api-key' | 'operator'
  readonly handle: (request: Request) => Response | Promise<Response>
}
