import * as v from 'valibot'
import { outcomes } from '../../protocol/connection.ts'
import type { Json } from '../json.ts'
import { subjectWord } from './subject-word.ts'

/**
 * Where somebody is rung, and nowhere else: whoever holds a welcomed connection of theirs subscribes, and answers. So
 * that nobody subscribes *is* that they cannot be reached. Heartbeats go the same way, since it is what they prove.
 */
export const ringSubject = (userId: string): string => `ring.${subjectWord(userId)}`

/** Where the devices of a person are told all else. Whoever holds a connection of theirs subscribes; nobody answers. */
export const personSubject = (userId: string): string => `person.${subjectWord(userId)}`

const heartbeat = v.object({
  kind: v.literal('heartbeat'),
  connection: v.string(),
  n: v.number(),
  arrived: v.number(),
})

const ring = v.object({
  kind: v.literal('ring'),
  call: v.object({
    id: v.string(),
    from: v.string(),
    at: v.number(),
    ringsFor: v.number(),
    /** The person who calls. */
    contact: v.optional(v.string()),
  }),
  /** The one connection that is asked; without it all are. */
  connection: v.optional(v.string()),
})

/** Whether a connection of theirs holds a lease. */
const reachable = v.object({ kind: v.literal('reachable') })

/** Somebody watches them: whoever holds a connection tells of their leases on `presence.<user>`, now and for a while. */
const watch = v.object({ kind: v.literal('watch') })

const ringMessage = v.variant('kind', [heartbeat, reachable, ring, watch])

export type RingMessage = v.InferOutput<typeof ringMessage>

type Heartbeat = Extract<RingMessage, { kind: 'heartbeat' }>

/** Nearly every message there is: to be looked at by the schema costs it more than all else on its way. */
const isHeartbeat = (payload: Json): payload is Heartbeat =>
  typeof payload === 'object' &&
  payload !== null &&
  'kind' in payload &&
  payload.kind === 'heartbeat' &&
  typeof payload.connection === 'string' &&
  typeof payload.n === 'number' &&
  typeof payload.arrived === 'number'

/** @throws ValiError when it is nothing that goes the way of a ring. */
export const parseRingMessage = (payload: Json): RingMessage =>
  isHeartbeat(payload) ? payload : v.parse(ringMessage, payload)

/** What a person's devices are told: all of them, or the one `connection` that it names. */
const personMessage = v.variant('kind', [
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
  /** What they have missed has changed. */
  v.object({
    kind: v.literal('missed'),
    /** The connection whose `seen` or `unseen` `n` this answers: it is for no other. */
    answer: v.optional(v.object({ connection: v.string(), n: v.number() })),
    /** The connection that knows it already. */
    except: v.optional(v.string()),
  }),
  /** A call that they placed stands otherwise. */
  v.object({ kind: v.literal('placed') }),
  /** A connection of theirs, `by` name, has gained a lease: older ones of its device are over at every other node (T9). */
  v.object({
    kind: v.literal('replaced'),
    device: v.string(),
    by: v.string(),
    order: v.object({ boot: v.number(), n: v.number() }),
  }),
  /** What a person is called, or how they are written to, has changed. */
  v.object({ kind: v.literal('account') }),
  /** Events of their account were written down, up to this number. */
  v.object({ kind: v.literal('events'), until: v.number() }),
  /** They chose another status. */
  v.object({ kind: v.literal('status') }),
  /** How they and this other person stand to each other has changed: who may see and ring whom. Both sides are told. */
  v.object({ kind: v.literal('relation'), other: v.string() }),
  /** Some of their sessions may be over: whoever holds a connection looks up which, and why. */
  v.object({ kind: v.literal('sessions-changed') }),
])

export type PersonMessage = v.InferOutput<typeof personMessage>

/** @throws ValiError when it is not a message for a person's devices. */
export const parsePersonMessage = (payload: Json): PersonMessage => v.parse(personMessage, payload)
