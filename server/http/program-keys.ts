import { type ApiKey, findApiKey } from '../accounts/api-keys.ts'
import { type RefusedKey, type RefusedKeyDependencies, recordRefusedKey } from '../accounts/refused-key.ts'
import type { Clock } from '../clock.ts'
import { bearerToken } from './authorization-header.ts'
import type { ClientOf } from './client-address.ts'
import type { Context } from './route.ts'

export interface ProgramKeyDependencies extends RefusedKeyDependencies {
  readonly clock: Clock
  readonly clientOf: ClientOf
}

/** What a program shows of who it is. */
export interface ShownKey {
  /** Undefined when it shows nothing. */
  readonly shown: string | undefined
  /** The key that this is, whatever it is good for; undefined when it is none. */
  readonly key: ApiKey | undefined
}

/** The keys by which programs come in; what each is good for is asked where it comes in. */
export interface ProgramKeys {
  read(context: Context): Promise<ShownKey>
  /**
   * Puts on record that somebody was not let in by what they showed.
   *
   * @returns how long they have to wait, in ms, of an address that tries too many; 0 while they are few.
   */
  refuse(context: Context, what: RefusedKey['what'], given: ShownKey): Promise<number>
}

/** @param known keys that are kept nowhere. */
export const createProgramKeys = (
  { clock, clientOf, ...dependencies }: ProgramKeyDependencies,
  known: (shown: string) => ApiKey | undefined = () => undefined,
): ProgramKeys => ({
  async read(context) {
    const shown = bearerToken(context.req.header('authorization'))
    if (shown === undefined) return { shown, key: undefined }
    return { shown, key: known(shown) ?? (await findApiKey(dependencies.db, shown, clock.wall())) }
  },
  refuse(context, what, { shown, key }) {
    const why = key ? 'wrong-scope' : shown === undefined ? 'no-key' : 'unknown-key'
    const from = clientOf(context.env.incoming)
    const refused: RefusedKey = { what, why, shown, key, path: context.req.routePath, from }
    return recordRefusedKey(dependencies, refused, clock.wall())
  },
})
