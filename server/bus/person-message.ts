import * as v from 'valibot'
import { missedCall, outcomes, signedInAccount } from '../../protocol/connection.ts'
import type { Json } from '../json.ts'

/** Where the devices of a person are reached. Whoever holds a connection of theirs subscribes. */
export const personSubject = (userId: string): string => `person.${userId}`

/** What travels to a person's devices: to all, or to the one `connection` that it names. */
const personMessage = v.variant('kind', [
  v.object({ kind: v.literal('heartbeat'), connection: v.string(), n: v.number(), arrived: v.number() }),
  v.object({
    kind: v.literal('ring'),
    call: v.object({ id: v.string(), from: v.string(), at: v.number(), ringsFor: v.number() }),
    connection: v.optional(v.string()),
  }),
  /** The connection was asked to ring, and has not acknowledged it in time (T4.2). */
  v.object({ kind: v.literal('unanswered'), connection: v.string() }),
  v.object({
    kind: v.literal('over'),
    call: v.string(),
    outcome: v.picklist(outcomes),
    /** Who answered or declined. */
    device: v.nullable(v.string()),
    room: v.nullable(v.string()),
    connection: v.optional(v.string()),
  }),
  v.object({
    kind: v.literal('missed'),
    missed: v.array(missedCall),
    /** The connection whose `seen` or `unseen` `n` this answers: it is for no other. */
    answer: v.optional(v.object({ connection: v.string(), n: v.number() })),
    /** The connection that knows it already. */
    except: v.optional(v.string()),
  }),
  /** What a person is called, or how they are written to, has changed. */
  v.object({ kind: v.literal('account'), account: signedInAccount }),
  /** Some of their sessions may be over: whoever holds a connection looks up which, and why. */
  v.object({ kind: v.literal('sessions-changed') }),
])

export type PersonMessage = v.InferOutput<typeof personMessage>

/** @throws ValiError when it is not a message for a person's devices. */
export const parsePersonMessage = (payload: Json): PersonMessage => v.parse(personMessage, payload)
