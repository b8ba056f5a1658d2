import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'
import type { ApiKey } from '../accounts/api-keys.ts'
import type { Session } from '../accounts/sessions.ts'

export interface Env {
  Bindings: HttpBindings
  Variables: {
    /** Who asks, on routes that admit only those with a key. */
    caller: ApiKey
    /** The thumbprint of the key that was proven, on routes that admit devices. */
    jkt: string
    /** Whose session it is, on routes that admit those. */
    session: Session
    /** The body, once it was read. */
    body?: string
  }
}

export type Context = HonoContext<Env>

/**
 * One thing that can be asked by HTTP. Whom it admits has to be said: no route is open by being forgotten.
 * `extension` is for requests of browsers' extensions: answered with CORS, refused to strange origins; of those an
 * extension may read that it is refused.
 * `device` and `session` are such requests too, with a proof of the device's key (RFC 9449), and with a session
 * bound to that key. `api-key` is for programs that place calls, `scim` for those that provision accounts,
 * `metrics` for those that watch the server.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly admits: 'anyone' | 'extension' | 'device' | 'session' | 'api-key' | 'scim' | 'metrics' | 'operator'
  /**
   * Of a route that admits devices: what a request carries that is good and that nobody can guess, as a name to count
   * it by. It is then kept waiting for nothing that others do, with whatever key it comes.
   *
   * @returns undefined when it carries no such thing. @throws Refused when the request is none.
   */
  readonly credential?: (context: Context) => Promise<string | undefined>
  readonly handle: (context: Context) => Response | Promise<Response>
}
