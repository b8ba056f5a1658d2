import * as v from 'valibot'
import { longestReply, peopleDeviceMessages, peopleServerMessages } from './people.ts'
import { id, instant, milliseconds, name, sequence, whyMissed } from './shapes.ts'

/** The version of these messages. A server names every version it speaks in `GET /health`. */
export const protocolVersion = 2

/** What servers of this version have learned since its first, by the names under which a welcome tells of it. */
export const features = ['unseen', 'people'] as const

/** A device's frame longer than this is refused, in bytes. */
export const maxFrame = 16_384

/** A server's frame longer than this is refused, in UTF-16 units: a welcome may tell of many missed calls. */
export const maxServerFrame = 262_144

/** No worker starts oftener: a boot number beyond this is none. */
export const maxBoot = 2 ** 40

const bootNumber = v.pipe(sequence, v.maxValue(maxBoot))

export const signedInAccount = v.object({
  id,
  username: v.nullable(name),
  email: v.pipe(v.string(), v.maxLength(200)),
  name,
  /** The address of their picture at the issuer they signed in with. */
  picture: v.nullable(v.pipe(v.string(), v.maxLength(2_000))),
  /** The language they are written to in, as a BCP 47 tag. */
  language: v.nullable(v.pipe(v.string(), v.maxLength(35))),
})

/** No call rings longer, in milliseconds: far above the 45 s of today, and within what a timer can wait for. */
const longestRing = 600_000

/** A call that rings now. `ringsFor` is what is left of its 45 s, in milliseconds: it ends on the device by itself. */
const ringingCall = v.object({
  id,
  from: name,
  at: instant,
  ringsFor: v.pipe(milliseconds, v.maxValue(longestRing)),
  /** The contact who calls; left out where a program does. */
  contact: v.optional(id),
})

export const missedCall = v.object({
  id,
  from: name,
  at: instant,
  contact: v.optional(id),
  why: whyMissed,
})

/**
 * A stretch in which no device of this person held a lease, and how many calls were missed in it. `recorded` is
 * false when the server itself was away for a part of it: what calls were made then, nobody knows (P8).
 */
export const gap = v.object({ from: instant, until: instant, missed: sequence, recorded: v.boolean() })

/** Why a heartbeat that arrived was given no lease: the server cannot write calls down, or cannot get them to its devices. */
const noLeaseReasons = ['storage', 'routing'] as const

export const outcomes = ['answered', 'declined', 'cancelled', 'missed'] as const

/**
 * The place of a connection among all connections of its device, over the deaths of its worker (T9): `boot` counts the
 * starts of the worker and is kept in storage, `n` counts the connections of that worker. Compared in this order.
 */
export const connectionOrder = v.object({ boot: bootNumber, n: sequence })

/** So many missed calls fit a list of the server's, and so many ids a message of the device's. */
export const mostListed = 200
const listedCalls = v.pipe(v.array(id), v.maxLength(mostListed))

/** What a device may send. Marked as pure, for a worker reads none of it, and is to be built without. */
export const deviceMessage = /* @__PURE__ */ (() =>
  v.variant('type', [
    v.object({
      type: v.literal('hello'),
      protocol: sequence,
      token: v.pipe(v.string(), v.minLength(1), v.maxLength(512)),
      device: id,
      /** A DPoP proof (RFC 9449) for `GET <origin>/socket`, this token and the nonce of the challenge. */
      proof: v.pipe(v.string(), v.minLength(1), v.maxLength(4_096)),
      order: connectionOrder,
      /**
       * False from a copy of a profile whose connection was taken over: it is to be let in only if no other connection of
       * the device holds a lease.
       */
      takeOver: v.boolean(),
    }),
    v.object({ type: v.literal('heartbeat'), n: sequence }),
    /** The acknowledgement of a ring: the device shows the call (T4). */
    v.object({ type: v.literal('rings'), call: id }),
    v.object({ type: v.literal('answer'), call: id }),
    /** `reply` is a short answer to a contact who calls. */
    v.object({
      type: v.literal('decline'),
      call: id,
      reply: v.optional(v.pipe(v.string(), v.maxLength(longestReply))),
    }),
    /** The person has seen these missed calls: they are no longer counted. With an `n`, `missed` answers it. */
    v.object({ type: v.literal('seen'), calls: listedCalls, n: v.optional(sequence) }),
    /** What was marked as seen by mistake: they are counted again. Only to a server that names it among its features. */
    v.object({ type: v.literal('unseen'), calls: listedCalls, n: sequence }),
    v.object({ type: v.literal('goodbye'), why: v.picklist(['update', 'log-out', 'exit']) }),
    ...peopleDeviceMessages,
  ]))()

/** What the server may send. */
export const serverMessage = v.variant('type', [
  /** The first message on a connection. The nonce is good for one `hello` on this connection and nowhere else. */
  v.object({ type: v.literal('challenge'), nonce: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) }),
  /**
   * The hello is refused, since a newer connection of this device was welcomed before. `boot` is the boot number of that
   * one; `live` says that it holds a lease at this moment, so that another copy of the profile is alive.
   */
  v.object({ type: v.literal('outranked'), boot: bootNumber, live: v.boolean() }),
  v.object({
    type: v.literal('welcome'),
    protocol: sequence,
    timing: v.object({
      heartbeatEvery: milliseconds,
      answerWithin: milliseconds,
      leaseFor: milliseconds,
    }),
    account: signedInAccount,
    /** Everything unseen, newest first, at most 200. */
    missed: v.array(missedCall),
    /** Calls that ring or wait for this person; each is rung again on this connection after the first lease. */
    ringing: v.array(id),
    /** What this server takes besides what every server of this version does; a device ignores names that it does not know. */
    features: v.optional(v.array(v.string())),
    /** False where the room of an answered call has neither camera nor microphone: said before anybody calls or answers. */
    canRoom: v.optional(v.boolean()),
  }),
  /** The answer to heartbeat `n`: for `leaseFor` ms from when that heartbeat arrived, a call is routed here. */
  v.object({
    type: v.literal('lease'),
    n: sequence,
    leaseFor: milliseconds,
    /** With the first lease after a stretch without any. */
    gap: v.optional(gap),
  }),
  /**
   * Heartbeat `n` arrived, but a call would not get through: the lease held until now is over too. A newer server's
   * reason is `unknown`; what matters of it is known.
   */
  v.object({
    type: v.literal('no-lease'),
    n: sequence,
    why: v.union([
      v.picklist(noLeaseReasons),
      v.pipe(
        v.string(),
        v.transform(() => 'unknown' as const),
      ),
    ]),
  }),
  /**
   * The server will go away: the device is to connect anew, which may bring it to another machine. This connection is as
   * good as ever until the new one has its lease.
   */
  v.object({ type: v.literal('move') }),
  v.object({ type: v.literal('ring'), call: ringingCall }),
  /**
   * The call no longer rings. `here` is true on the one device that answered or declined it; `room` is
   * there only on the device that answered.
   */
  v.object({
    type: v.literal('over'),
    call: id,
    outcome: v.picklist(outcomes),
    here: v.boolean(),
    room: v.optional(v.pipe(v.string(), v.maxLength(2_000))),
  }),
  /** The whole list of unseen missed calls, after a change, or as the answer to this connection's `seen` or `unseen` `n`. */
  v.object({ type: v.literal('missed'), missed: v.array(missedCall), n: v.optional(sequence) }),
  v.object({ type: v.literal('account'), account: signedInAccount }),
  ...peopleServerMessages,
])

export type DeviceMessage = v.InferOutput<typeof deviceMessage>
export type ServerMessage = v.InferOutput<typeof serverMessage>
export type Account = v.InferOutput<typeof signedInAccount>
export type RingingCall = v.InferOutput<typeof ringingCall>
export type MissedCall = v.InferOutput<typeof missedCall>
export type Gap = v.InferOutput<typeof gap>
export type ConnectionOrder = v.InferOutput<typeof connectionOrder>
export type NoLeaseReason = Extract<ServerMessage, { type: 'no-lease' }>['why']
export type Outcome = (typeof outcomes)[number]

/**
 * What a frame turned out to be. `unknown` is well-formed but of a type this side does not know yet:
 * the device ignores it (a newer server), the server counts it against the connection's limit.
 */
export type Parsed<Message> =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'malformed'; readonly why: string }

function parse<Message>(
  schema: v.GenericSchema<unknown, Message>,
  types: ReadonlySet<string>,
  frame: string,
  longest: number,
): Parsed<Message> {
  if (frame.length > longest) return { kind: 'malformed', why: `longer than ${longest}` }
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    return { kind: 'malformed', why: 'not JSON' }
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type !== 'string') return { kind: 'malformed', why: 'no type' }
  if (!types.has(type)) return { kind: 'unknown', type: type.slice(0, 40) }
  const result = v.safeParse(schema, value)
  if (result.success) return { kind: 'message', message: result.output }
  const [issue] = result.issues
  return { kind: 'malformed', why: `${type}.${v.getDotPath(issue) ?? ''}: ${issue.type}` }
}

const typesOf = ({ options }: { readonly options: readonly { entries: { type: { literal: string } } }[] }) =>
  new Set(options.map((option) => option.entries.type.literal))
const deviceTypes = /* @__PURE__ */ typesOf(deviceMessage)
const serverTypes = typesOf(serverMessage)

/** Nearly every frame of a device, as `JSON.stringify` writes it; its number is below 2^53 by its length. */
const usualHeartbeat = /^\{"type":"heartbeat","n":(0|[1-9][0-9]{0,14})\}$/

export function parseDeviceMessage(frame: string): Parsed<DeviceMessage> {
  const n = usualHeartbeat.exec(frame)?.[1]
  if (n !== undefined) return { kind: 'message', message: { type: 'heartbeat', n: Number(n) } }
  return parse(deviceMessage, deviceTypes, frame, maxFrame)
}
export const parseServerMessage = (frame: string): Parsed<ServerMessage> =>
  parse(serverMessage, serverTypes, frame, maxServerFrame)
