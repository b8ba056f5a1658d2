import * as v from 'valibot'
import type { Json } from '../json.ts'
import type { Bus } from './bus.ts'
import { subjectWord } from './subject-word.ts'

/** Where nodes that have watchers of a person hear of that person's leases. */
export const presenceSubject = (userId: string): string => `presence.${subjectWord(userId)}`

const presenceMessage = v.variant('kind', [
  /** All leases that the person has at one node. */
  v.object({
    kind: v.literal('leases'),
    node: v.string(),
    /** Whether that node knows that somebody watches, and goes on telling. */
    isWatched: v.boolean(),
    /** For how many ms more each may be shown. */
    leases: v.array(v.object({ left: v.number(), idle: v.boolean() })),
  }),
  /** The person has chosen another status: who watches them reads it. */
  v.object({ kind: v.literal('status') }),
  /** They are in a room, by a lease with this name, for so many ms more; 0 for no longer. Said at each of its beats. */
  v.object({ kind: v.literal('in-call'), lease: v.string(), left: v.number() }),
  /** Somebody watches the person from now on: whoever holds such a lease says so again at once. */
  v.object({ kind: v.literal('asked') }),
])

export type PresenceMessage = v.InferOutput<typeof presenceMessage>

/** @throws ValiError when it is nothing that is said of a person's presence. */
export const parsePresenceMessage = (payload: Json): PresenceMessage => v.parse(presenceMessage, payload)

/** Tells whoever watches the person that they have chosen another status. To be called once it is committed. */
export const publishStatusChanged = (bus: Pick<Bus, 'publish'>, userId: string): void =>
  bus.publish(presenceSubject(userId), { kind: 'status' })

/** Tells whoever watches the person that they are in a call, by this lease and for so many ms more. */
export const publishInCall = (
  bus: Pick<Bus, 'publish'>,
  userId: string,
  { lease, left }: { readonly lease: string; readonly left: number },
): void => bus.publish(presenceSubject(userId), { kind: 'in-call', lease, left })

/** Says so again at once whenever somebody begins to watch the person. @returns what ends that. */
export const onAskedForCall = (bus: Pick<Bus, 'subscribe'>, userId: string, say: () => void): (() => void) =>
  bus.subscribe(presenceSubject(userId), (payload) => {
    if (parsePresenceMessage(payload).kind === 'asked') say()
    return undefined
  })
