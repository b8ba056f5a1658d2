import * as v from 'valibot'

/** What a server tells whoever started it with `--report-start`, once, over the channel of Node's between the two. */
export const startReport = v.variant('kind', [
  v.object({
    kind: v.literal('listening'),
    /** The address that browsers use. */
    url: v.string(),
    /** The folder into which mails are written; null where a mail server is set. */
    mailFolder: v.nullable(v.string()),
    /** Made because there was nobody; their passwords are told nobody else. */
    demoAccounts: v.array(v.object({ username: v.string(), name: v.string(), password: v.string() })),
    /** When those passwords end, unless they are used: wall-clock ms. */
    passwordsEnd: v.number(),
  }),
  /** It could not start, and has said why. */
  v.object({ kind: v.literal('refused') }),
])

export type StartReport = v.InferOutput<typeof startReport>
