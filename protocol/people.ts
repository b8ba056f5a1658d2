import * as v from 'valibot'
import { longestName, nameError, normalizedName } from './display-name.ts'
import { id, instant, milliseconds, name, sequence, whyMissed } from './shapes.ts'

/**
 * What a device and the server say to each other about people: status, contacts, messages, calls that people place,
 * and expected calls. A server that speaks it names `people` among its features.
 *
 * What concerns an account is told to each of its devices as *events*, numbered without a gap. A device says up to which
 * it has them (`sync`), and is sent what came after; where that is kept no longer, everything as it is now (`reset`).
 * What a device asks for goes as a `request`, and each is answered once.
 */

/** A message has at most so many characters, in UTF-16 units. */
export const longestMessage = 4_000

/** The contact by whom messages of the clinic's system come: a thread that cannot be answered. No person has this id. */
export const clinicThread = 'clinic'

/** So many contacts, asked and asking people included, has a person. */
export const mostContacts = 5_000

/** So many contacts may be waited for ("Tell me once when NAME can be reached"). */
export const mostAwaited = 20

/** So many events, contacts or messages go into one frame. */
export const mostInFrame = 200

/** A short answer that goes with a decline. */
export const longestReply = 200

export const statuses = ['available', 'away', 'busy', 'invisible'] as const

/** `busy` ends no later than this after it was chosen, in ms. */
export const longestBusy = 7 * 24 * 60 * 60_000

/**
 * The status that a person chose. `until` is when busy ends, and null with every other. A busy whose end has passed *is*
 * available: it is compared when read, and no event tells of it.
 */
export const status = v.object({
  status: v.picklist(statuses),
  until: v.nullable(instant),
  revision: sequence,
})

/**
 * One person as another has them. Of `asked` (I asked them, and heard no answer) nothing is known but what was typed: the
 * `id` is the request's, and `name` is what was typed. `asks` is somebody who asks me; `blocked` was a contact or asked
 * me, and `removed` was a contact, until I ended it.
 */
export const contact = v.object({
  id,
  relation: v.picklist(['contact', 'asked', 'asks', 'blocked', 'removed']),
  name,
  username: v.nullable(name),
  /** Of a team or a link that the clinic's system made, its name; such a contact cannot be removed, only blocked. */
  team: v.nullable(name),
  favourite: v.boolean(),
  /** Calls of theirs ring while I am busy. */
  ringsThrough: v.boolean(),
  since: instant,
})

/**
 * A message between me and a contact, as both have it. `n` counts the messages of this thread from 1, in their one
 * order. `key` is the id that the sender's device gave it, told to the sender's devices alone. Messages of the clinic's
 * system come `from` `clinic`.
 */
export const message = v.object({
  id,
  contact: id,
  n: sequence,
  from: v.picklist(['me', 'them', 'clinic']),
  text: v.pipe(v.string(), v.maxLength(longestMessage)),
  at: instant,
  key: v.optional(id),
})

/** How far a thread was read on any of my devices; `theirs` is how far the other side read, where both tell it. */
export const read = v.object({ contact: id, until: sequence, theirs: v.optional(sequence) })

/**
 * A call that is expected. `by` is who said so: a contact's name, or the clinic's. The account that said so has it too, so
 * that it can be taken back there: as `mine`, with the name of whom they will call as `by`.
 */
export const expectedCall = v.object({
  id,
  at: instant,
  by: name,
  contact: v.nullable(id),
  mine: v.optional(v.boolean()),
  /** `true` once it is over, cancelled or took place: a device forgets it. */
  gone: v.boolean(),
})

/** From so long before an expected call on its person ought to be reachable, in ms. */
export const readyBefore = 10 * 60_000

/** So long past its time a call is expected no longer, in ms. */
export const expectedFor = 15 * 60_000

/** A call is announced no longer ahead than this, in ms. */
export const longestAhead = 366 * 24 * 60 * 60_000

/** One thing that came to be so in an account. */
export const accountChange = v.variant('kind', [
  v.object({ kind: v.literal('status'), status }),
  v.object({ kind: v.literal('contact'), contact }),
  v.object({ kind: v.literal('contact-gone'), id }),
  v.object({ kind: v.literal('message'), message }),
  v.object({ kind: v.literal('read'), read }),
  v.object({ kind: v.literal('expected'), expected: expectedCall }),
  /** The list of calls has changed: whoever shows it asks for it again. */
  v.object({ kind: v.literal('calls') }),
])

/** Event `seq` of an account: the first is 1, and none is left out. */
export const accountEvent = v.object({ seq: sequence, change: accountChange })

/**
 * What is shown of a contact's presence. `offline` is said of who cannot be reached, is invisible, or has blocked me:
 * nobody can tell which. `unknown` is no statement at all: the server has not been up for long enough to know.
 *
 * `validFor` goes with all that a lease of theirs proves (available, away, busy and in-call): so long, in ms from when the
 * frame arrived, may it be shown in a colour; then it is checked, and after a while it is unknown.
 */
export const presence = v.object({
  contact: id,
  sees: v.picklist(['available', 'away', 'busy', 'in-call', 'offline', 'unknown']),
  /** With busy: when that ends. */
  until: v.nullable(instant),
  validFor: v.nullable(milliseconds),
})

/**
 * A call that this person placed, as all their devices hear of it. `ringsOn` is on how many devices it rings now; of who
 * is invisible or blocked me what would be so of who is offline. `room` comes with `answered`, on the device that placed it.
 */
export const placedCall = v.object({
  id,
  contact: id,
  name,
  /** The key under which it was placed: by this a device knows its own. */
  key: v.nullable(id),
  state: v.picklist(['placed', 'ringing', 'waiting', 'answered', 'declined', 'cancelled', 'missed']),
  disposition: v.nullable(v.picklist(['ringing', 'unreachable', 'busy'])),
  ringsOn: sequence,
  why: v.nullable(whyMissed),
  /** With `busy`: until when they are. */
  busyUntil: v.nullable(instant),
  at: instant,
  /** What is left until it ends by itself, in ms; 0 once it is over. */
  left: milliseconds,
  /** The short answer of who declined. */
  reply: v.nullable(v.pipe(v.string(), v.maxLength(longestReply))),
  room: v.nullable(v.pipe(v.string(), v.maxLength(2_000))),
})

/** One call of the list of calls. */
export const pastCall = v.object({
  id,
  direction: v.picklist(['in', 'out']),
  contact: v.nullable(id),
  name,
  at: instant,
  endedAt: v.nullable(instant),
  state: v.picklist(['answered', 'declined', 'cancelled', 'missed']),
  why: v.nullable(whyMissed),
  /** Whether it was answered or declined on this device; null where that does not apply. */
  here: v.nullable(v.boolean()),
  /** Of somebody who was blocked: it rang nowhere, and belongs to what the blocked did, not to what was missed. */
  blocked: v.optional(v.boolean()),
})

/** What a person types to say whom they ask: a username or an email address. */
const login = v.pipe(
  v.string(),
  v.trim(),
  v.nonEmpty('Enter a username or an email address.'),
  v.maxLength(254, 'No username or email address is that long.'),
  v.check(
    (typed) => nameError(normalizedName(typed.slice(0, longestName))) === undefined,
    'This is no name.',
  ),
)

const text = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(longestMessage))

/** What a device may ask for. What changes something may be asked again with the same words: it is done once. */
export const peopleRequest = v.variant('what', [
  /** With busy, `until` is its end: later than now, and at most `longestBusy` away. */
  v.object({ what: v.literal('set-status'), status: v.picklist(statuses), until: v.nullable(instant) }),
  v.object({ what: v.literal('ask-contact'), login }),
  v.object({
    what: v.literal('answer-contact'),
    contact: id,
    answer: v.picklist(['accept', 'decline', 'block']),
  }),
  v.object({
    what: v.literal('change-contact'),
    contact: id,
    change: v.picklist([
      'favourite',
      'no-favourite',
      'ring-through',
      'no-ring-through',
      'remove',
      'block',
      'unblock',
      /** Of `asked`: the request is taken back. */
      'withdraw',
    ]),
  }),
  /** `key` is the device's own id of the call: one makes one call. */
  v.object({ what: v.literal('place-call'), contact: id, key: id }),
  /** `call` is its id, or its key for who has not heard the id yet. */
  v.object({ what: v.literal('cancel-call'), call: id }),
  /** `key` is the device's own id of the message: one makes one message. */
  v.object({ what: v.literal('send'), contact: id, key: id, text }),
  v.object({ what: v.literal('read'), contact: id, until: sequence }),
  /** Messages of a thread before the one with this number, newest first; null for the newest. */
  v.object({ what: v.literal('history'), contact: id, before: v.nullable(sequence) }),
  /** Calls placed before this moment, newest first; null for the newest. */
  v.object({ what: v.literal('calls'), before: v.nullable(instant) }),
  /** This person will call then: later than now, and at most `longestAhead` away. */
  v.object({ what: v.literal('expect-call'), contact: id, at: instant }),
  /** Whoever announced it takes it back, for both; of whom it was announced to, their own devices forget it. */
  v.object({ what: v.literal('cancel-expected'), expected: id }),
])

/** Why something that was asked for was not done. Nothing of it was. */
export const peopleRefusals = [
  /** What was asked for cannot be, and `message` says what to do. */
  'bad-request',
  'no-such-contact',
  'too-many-contacts',
  'too-many-attempts',
  /** Nothing can be written: storage, or too much going on. Ask again. */
  'unavailable',
] as const

/** What was asked for, done. */
export const peopleResult = v.variant('what', [
  /** Nothing more to say than that it is so. What it changed is told by events. */
  v.object({ what: v.literal('done') }),
  v.object({ what: v.literal('placed'), call: placedCall }),
  v.object({ what: v.literal('sent'), message }),
  v.object({ what: v.literal('history'), messages: v.array(message), more: v.boolean() }),
  v.object({ what: v.literal('calls'), calls: v.array(pastCall), more: v.boolean() }),
])

const listedContacts = v.pipe(v.array(id), v.maxLength(mostAwaited))

/** What a device says of people, beside what `connection.ts` has. */
export const peopleDeviceMessages = [
  /** From now on this connection is told events, those after `after` first; null is for who has none. */
  v.object({ type: v.literal('sync'), after: v.nullable(sequence) }),
  v.object({ type: v.literal('request'), n: sequence, request: peopleRequest }),
  /**
   * Whose presence this device wants to hear of, from now on and in place of what it said before: `all` contacts while
   * somebody looks, and under the account's own id what contacts are shown of it; else those that are waited for.
   */
  v.object({ type: v.literal('watch'), n: sequence, whom: v.union([v.literal('all'), listedContacts]) }),
  /** What the machine's person does, where that has changed; after a welcome it is `active` until said otherwise. */
  v.object({ type: v.literal('idle'), state: v.picklist(['active', 'idle', 'locked']) }),
] as const

/** What the server says of people. */
export const peopleServerMessages = [
  /** Events in their order: `until` is the number of the last of them, or of the last that there is. */
  v.object({
    type: v.literal('events'),
    events: v.pipe(v.array(accountEvent), v.maxLength(mostInFrame)),
    until: sequence,
  }),
  /**
   * What a device has is too old: it is to forget it all. `items` follow until `last`, which makes them event `until`: all
   * contacts, the status, expected calls, read marks, and of each thread its newest messages.
   */
  v.object({
    type: v.literal('reset'),
    items: v.pipe(v.array(accountChange), v.maxLength(mostInFrame)),
    first: v.boolean(),
    last: v.boolean(),
    until: sequence,
  }),
  v.object({ type: v.literal('done'), n: sequence, result: peopleResult }),
  v.object({
    type: v.literal('refused'),
    n: sequence,
    why: v.union([
      v.picklist(peopleRefusals),
      v.pipe(
        v.string(),
        v.transform(() => 'unavailable' as const),
      ),
    ]),
    message: v.pipe(v.string(), v.maxLength(500)),
    /** Seconds. */
    retryAfter: v.optional(milliseconds),
  }),
  /**
   * Presence of those who are watched, by the newest `watch` (`n`): `whole` is of all of them, else what changed.
   * `version` counts these frames on a connection from 1; a device that misses one watches anew.
   */
  v.object({
    type: v.literal('presence'),
    n: sequence,
    version: sequence,
    whole: v.boolean(),
    more: v.boolean(),
    of: v.pipe(v.array(presence), v.maxLength(mostInFrame)),
  }),
  /** How a call of mine stands: to all my devices, at each change. */
  v.object({ type: v.literal('placed-call'), call: placedCall }),
] as const

export type Status = v.InferOutput<typeof status>
export type ChosenStatus = (typeof statuses)[number]
export type Contact = v.InferOutput<typeof contact>
export type Message = v.InferOutput<typeof message>
export type Read = v.InferOutput<typeof read>
export type ExpectedCall = v.InferOutput<typeof expectedCall>
export type AccountChange = v.InferOutput<typeof accountChange>
export type AccountEvent = v.InferOutput<typeof accountEvent>
export type ContactPresence = v.InferOutput<typeof presence>
export type PlacedCall = v.InferOutput<typeof placedCall>
export type PastCall = v.InferOutput<typeof pastCall>
export type PeopleRequest = v.InferOutput<typeof peopleRequest>
export type PeopleRefusal = (typeof peopleRefusals)[number]
export type PeopleResult = v.InferOutput<typeof peopleResult>
