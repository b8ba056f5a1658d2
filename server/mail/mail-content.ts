import * as v from 'valibot'
import { isKeyScope } from '../key-scopes.ts'

const link = v.object({ link: v.string() })

/** When something happened (wall-clock ms), and from which address where one is known. */
const cause = { at: v.number(), address: v.optional(v.string()) }

/** What each kind of mail is made from. A link's token is never in it, only the link's id. */
export const mailContents = {
  reset: link,
  invitation: link,
  'sign-up': link,
  changed: v.object({ at: v.number() }),
  /** To a person who has an account and wanted another. */
  known: v.object({}),
  missed: v.object({ calls: v.array(v.string()) }),
  /** About calls that are expected of somebody who could not be reached. */
  expected: v.object({ calls: v.array(v.string()) }),
  /** About messages: which is read as it leaves. */
  unread: v.object({}),
  /** Somebody came with the token of a session and without its key. `device` is what its browser called itself. */
  'token-tried': v.object({ ...cause, device: v.optional(v.string()) }),
  /** `issuer` is what the configuration calls it. */
  'issuer-linked': v.object({ ...cause, issuer: v.string() }),
  'account-added': v.object({ at: v.number() }),
  /** To the operator, as what follows. */
  'api-key-created': v.object({
    at: v.number(),
    key: v.string(),
    /** With spaces between. */
    scope: v.pipe(
      v.string(),
      v.check((text) => text.split(' ').every(isKeyScope)),
    ),
  }),
  'api-key-revoked': v.object({ at: v.number(), key: v.string() }),
  'api-key-misused': v.object({ ...cause, key: v.string() }),
  /** `free` in bytes. */
  'disk-low': v.object({ at: v.number(), free: v.number() }),
  /**
   * No mail yet: somebody typed a login, and whether that is anybody is found out later. It is sealed, since people type
   * passwords there; earlier versions wrote it in clear.
   */
  'reset-asked': v.union([
    v.object({ sealedLogin: v.string(), address: v.string() }),
    v.object({ login: v.string(), address: v.string() }),
  ]),
  /** The same for an address that somebody wants to sign up with. */
  'sign-up-asked': v.object({ address: v.string() }),
} as const

export type MailKind = keyof typeof mailContents

export type MailContent = {
  readonly [Kind in MailKind]: {
    readonly kind: Kind
    readonly values: v.InferOutput<(typeof mailContents)[Kind]>
  }
}[MailKind]

/** @throws when a row holds what nobody of this version wrote. */
export function parseContent(kind: string, values: string | null): MailContent {
  if (!Object.hasOwn(mailContents, kind)) throw new TypeError(`there is no mail of kind ${kind}`)
  const known = kind as MailKind
  return { kind: known, values: v.parse(mailContents[known], JSON.parse(values ?? 'null')) } as MailContent
}
