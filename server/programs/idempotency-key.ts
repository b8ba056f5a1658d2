import * as v from 'valibot'
import { idempotencyKey } from '../../protocol/http.ts'
import { Refused } from '../http/refused.ts'
import type { Context, DescribedParameter } from '../http/route.ts'

/** @returns the program's own id of what it asks for; undefined where it gives none. @throws Refused for one that is none. */
export function idempotencyKeyOf(context: Context): string | undefined {
  const key = context.req.header('idempotency-key')
  if (key === undefined) return undefined
  const parsed = v.safeParse(idempotencyKey, key)
  if (parsed.success) return parsed.output
  throw new Refused('bad-request', parsed.issues[0].message)
}

export const idempotencyParameter: Readonly<Record<string, DescribedParameter>> = {
  'Idempotency-Key': {
    in: 'header',
    about: 'The program’s own id of this: sent again with the same one, it is done once.',
    schema: v.optional(idempotencyKey),
  },
}
