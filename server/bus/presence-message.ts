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
  /** What the person chose, or whom they have or have blocked, is another than it was. */
  v.object({ kind: v.literal('changed') }),
])

export type PresenceMessage = v.InferOutput<typeof presenceMessage>

/** @throws ValiError when it is nothing that is said of a person's presence. */
export const parsePresenceMessage = (payload: Json): PresenceMessage => v.parse(presenceMessage, payload)

/**
 * Tells whoever watches these people, and these people's own devices that watch, that a status or a relation of theirs has
 * changed: what they see is read anew. To be called once that is committed, for both sides of a relation.
 */
export function publishSeenOtherwise(bus: Pick<Bus, 'publish'>, userIds: Iterable<string>): void {
  for (const userId of new Set(userIds)) bus.publish(presenceSubject(userId), { kind: 'changed' })
}
