import * as v from 'valibot'
import { longestName, nameError, normalizedName } from './display-name.ts'
import { call, callerName } from './http.ts'
import { longestMessage } from './people.ts'

/** What a clinic's programs and the server say to each other by HTTP, besides calls (`http.ts`). */

const instant = v.pipe(v.number(), v.integer(), v.minValue(0))

/** Whom a program means. */
const login = v.pipe(
  v.string(),
  v.trim(),
  v.nonEmpty('Say who: a username or an email address.'),
  v.maxLength(254, 'No username or email address is that long.'),
)

/** `POST /api/messages`, with a key that holds `messages`. */
export const sendMessageRequest = v.object({
  to: login,
  text: v.pipe(
    v.string(),
    v.trim(),
    v.nonEmpty('A message says something.'),
    v.maxLength(longestMessage, `A message has at most ${longestMessage} characters.`),
  ),
})

/** A message as the program that sent it has it. `at` is when it was kept. */
export const sentMessage = v.object({ id: v.string(), to: v.string(), text: v.string(), at: instant })

/**
 * `GET /api/people/{username}/presence`, with a key that holds `presence`: what the person's contacts are shown. `validFor`
 * goes with all that a device of theirs proves: so long, in milliseconds from the answer, is it so; it is null with
 * `offline` and `unknown`, which prove nothing. `until` is when busy ends.
 */
export const personPresence = v.object({
  state: v.picklist(['available', 'away', 'busy', 'in-call', 'offline', 'unknown']),
  validFor: v.nullable(v.pipe(v.number(), v.minValue(0))),
  until: v.nullable(instant),
})

/** `POST /api/expected-calls`, with a key that holds `expected-calls`. `from` is who will call; the key’s name by default. */
export const expectCallRequest = v.object({
  to: login,
  at: v.pipe(
    v.number('This takes milliseconds since 1970.'),
    v.safeInteger('This takes whole milliseconds since 1970.'),
    v.minValue(0, 'This takes milliseconds since 1970.'),
  ),
  from: v.optional(callerName),
})

/**
 * An expected call as the key that announced it has it. `state` ends at one of the last three: a call was answered, its
 * time passed without one, or it was taken back. `atRisk` is what was told last: whether its person could not be reached.
 */
export const announcedCall = v.object({
  id: v.string(),
  to: v.string(),
  from: v.string(),
  at: instant,
  state: v.picklist(['expected', 'came', 'passed', 'cancelled']),
  atRisk: v.boolean(),
  madeAt: instant,
  endedAt: v.nullable(instant),
})

/** Those that are still expected, soonest first. */
export const announcedCalls = v.object({ expectedCalls: v.array(announcedCall), more: v.boolean() })

/** So many people are linked by one request, each with each. */
export const mostLinked = 20

const linkName = v.pipe(
  v.string(),
  v.transform(normalizedName),
  v.check(
    (name) => nameError(name) === undefined,
    `A team’s name has 1 to ${longestName} characters that can be shown.`,
  ),
)

/** `POST` and `DELETE /api/contacts`, with a key that holds `contacts`. `team` is what each is shown why; the key’s name by default. */
export const linkPeopleRequest = v.object({
  people: v.pipe(
    v.array(login),
    v.minLength(2, 'This takes two people or more.'),
    v.maxLength(mostLinked, `This takes ${mostLinked} people at most.`),
  ),
  team: v.optional(linkName),
})

/** The link as it is now. */
export const linkedPeople = v.object({ people: v.array(v.string()), team: v.string() })

/** What webhooks tell of. */
export const webhookEvents = [
  'call.answered',
  'call.ended',
  'expected-call.at-risk',
  'expected-call.reachable',
  'expected-call.ended',
  'contact.changed',
] as const

export type WebhookEvent = (typeof webhookEvents)[number]

/** A webhook’s address is no longer, and a key has so many at most. */
export const longestWebhookUrl = 1_000
export const mostWebhooks = 10

/** `POST /api/webhooks`, with a key that holds `webhooks`, and for each event the scope that it belongs to. */
export const newWebhookRequest = v.object({
  url: v.pipe(
    v.string(),
    v.trim(),
    v.maxLength(longestWebhookUrl, `An address has at most ${longestWebhookUrl} characters.`),
    v.url('This takes the address of a web server: https://…'),
  ),
  events: v.pipe(
    v.array(v.picklist(webhookEvents, `Events are some of these: ${webhookEvents.join(', ')}.`)),
    v.minLength(1, `Events are some of these: ${webhookEvents.join(', ')}.`),
    v.maxLength(webhookEvents.length, 'Each event is named once.'),
  ),
})

/** A webhook as its key has it. `failingSince` is null of one that took what was last sent; `disabledAt` is when it was given up. */
export const webhook = v.object({
  id: v.string(),
  url: v.string(),
  events: v.array(v.picklist(webhookEvents)),
  createdAt: instant,
  /** How much is still to be sent there. */
  waiting: v.number(),
  failingSince: v.nullable(instant),
  lastFailure: v.nullable(v.string()),
  disabledAt: v.nullable(instant),
})

export const webhooks = v.object({ webhooks: v.array(webhook) })

/** With the secret, which is shown in no other answer. */
export const webhookWithSecret = v.object({ ...webhook.entries, secret: v.string() })

const event = <Type extends WebhookEvent, Data extends v.GenericSchema>(type: Type, data: Data) =>
  v.object({
    type: v.literal(type),
    /** When it came to be so (ISO 8601). */
    timestamp: v.pipe(v.string(), v.isoTimestamp()),
    data,
  })

/** What is sent to a webhook, by Standard Webhooks: signed, with an id that is the same each time it is tried. */
export const webhookPayload = v.variant('type', [
  /** Somebody answered a call of this key. */
  event('call.answered', call),
  /** A call of this key is over, however it ended: answered ones too. */
  event('call.ended', call),
  /** The person of an expected call of this key cannot be reached, from ten minutes before it on. */
  event('expected-call.at-risk', announcedCall),
  /** That person can be reached again. */
  event('expected-call.reachable', announcedCall),
  /** An expected call of this key is over, however that came. */
  event('expected-call.ended', announcedCall),
  /** A program made people contacts of each other, or ended that. */
  event('contact.changed', v.object({ people: v.array(v.string()), team: v.string(), linked: v.boolean() })),
])

export type WebhookPayload = v.InferOutput<typeof webhookPayload>
export type AnnouncedCall = v.InferOutput<typeof announcedCall>
export type SentMessage = v.InferOutput<typeof sentMessage>
export type PersonPresence = v.InferOutput<typeof personPresence>
export type Webhook = v.InferOutput<typeof webhook>
