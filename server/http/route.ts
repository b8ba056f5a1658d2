import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'
import type { GenericSchema } from 'valibot'
import type { Refusal } from '../../protocol/http.ts'
import type { ApiKey } from '../accounts/api-keys.ts'
import type { Session } from '../accounts/sessions.ts'
import type { KeyScope } from '../key-scopes.ts'

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

/** What is read about a route in the API's description, which is made from the schemas that the route itself parses with. */
export interface RouteDescription {
  /** The route's own by default; with `{name}` for what varies. */
  readonly path?: string
  readonly summary: string
  readonly about?: string
  /** By name. What a path has in it is always given. */
  readonly parameters?: Readonly<Record<string, DescribedParameter>>
  /** As it is sent, not as it is read. */
  readonly body?: { readonly schema: GenericSchema; readonly type?: string }
  /** By status. */
  readonly answers: Readonly<Record<number, DescribedAnswer>>
  readonly refuses?: readonly Refusal['error'][]
}

export interface DescribedParameter {
  readonly in: 'path' | 'header' | 'query'
  readonly about: string
  readonly schema: GenericSchema
}

export interface DescribedAnswer {
  readonly about: string
  /** None where there is no body. */
  readonly schema?: GenericSchema
  /** `application/json` by default. */
  readonly type?: string
}

interface AnyRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /**
   * Of a route that admits devices: what a request carries that is good and that nobody can guess, as a name to count
   * it by. It is then kept waiting for nothing that others do, with whatever key it comes.
   *
   * @returns undefined when it carries no such thing. @throws Refused when the request is none.
   */
  readonly credential?: (context: Context) => Promise<string | undefined>
  /** Of each route that admits programs. One that stands for several addresses has several. */
  readonly describes?: RouteDescription | readonly RouteDescription[]
  readonly handle: (context: Context) => Response | Promise<Response>
}

/**
 * One thing that can be asked by HTTP. Whom it admits has to be said: no route is open by being forgotten.
 * `extension` is for requests of browsers' extensions: answered with CORS, refused to strange origins; of those an
 * extension may read that it is refused.
 * `device` and `session` are such requests too, with a proof of the device's key (RFC 9449), and with a session
 * bound to that key. `api-key` is for programs, by a key that holds this scope, `scim` for those that provision accounts,
 * `metrics` for those that watch the server.
 */
export type Route =
  | (AnyRoute & {
      readonly admits: 'anyone' | 'extension' | 'device' | 'session' | 'scim' | 'metrics' | 'operator'
    })
  | (AnyRoute & { readonly admits: 'api-key'; readonly scope: KeyScope })
