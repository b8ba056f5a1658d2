import * as v from 'valibot'
import type { Ask, Command, Reply } from '../../../messages/commands.ts'
import { longestReply } from '../../../protocol/people.ts'
import { choices } from '../session/settings.ts'

const text = v.pipe(v.string(), v.maxLength(10_000))
/** Whatever somebody pastes to shorten it: no page may fill the disk. */
const draft = v.pipe(v.string(), v.maxLength(200_000))
const nothing = v.object({})
const call = v.object({ call: text })
const pixels = v.pipe(v.number(), v.finite())
const screen = v.object({ left: pixels, top: pixels, width: pixels, height: pixels })

/** What each command must carry; a page is ours, yet what it sends is read like anything from outside. */
const asks: { readonly [C in Command]: v.GenericSchema<unknown, Ask<C>> } = {
  'log-in': v.object({ login: text, password: text, staySignedIn: v.boolean() }),
  'log-in-at-issuer': v.object({ staySignedIn: v.boolean() }),
  'open-page': v.object({ page: v.picklist(['forgot', 'sign-up', 'account']) }),
  'keep-draft': v.object({ login: text }),
  'check-server': nothing,
  'log-out': nothing,
  exit: nothing,
  opened: nothing,
  'try-now': nothing,
  answer: call,
  decline: v.object({ call: text, answer: v.optional(v.pipe(v.string(), v.maxLength(longestReply))) }),
  'fit-call-window': v.object({ call: text, by: pixels, screen }),
  'close-call-window': call,
  'missed-seen': v.object({ calls: v.array(text) }),
  'missed-unseen': v.object({ calls: v.array(text) }),
  'dismiss-gaps': v.object({ until: v.number() }),
  'set-server': v.object({ address: text }),
  'set-settings': v.union([
    v.strictObject({ namesInNotifications: v.boolean() }),
    v.strictObject({ tellOfOutages: v.boolean() }),
    v.strictObject({ ringTone: choices.ringTone }),
    v.strictObject({ ringVolume: choices.ringVolume }),
    v.strictObject({ ringTimes: choices.ringTimes }),
  ]),
  'test-ring': nothing,
  'rehearsal-answered': v.union([
    v.strictObject({ seen: v.boolean() }),
    v.strictObject({ heard: v.boolean() }),
  ]),
  'is-pinned': nothing,
  'set-status': v.object({
    status: v.picklist(['available', 'away', 'busy', 'invisible']),
    until: v.nullable(v.number()),
  }),
  'ask-contact': v.object({ login: text }),
  'answer-contact': v.object({ contact: text, answer: v.picklist(['accept', 'decline', 'block']) }),
  'change-contact': v.object({
    contact: text,
    change: v.picklist([
      ...(['favourite', 'no-favourite', 'ring-through', 'no-ring-through'] as const),
      ...(['remove', 'block', 'unblock', 'withdraw'] as const),
    ]),
  }),
  'await-contact': v.object({ contact: text, on: v.boolean() }),
  'call-contact': v.object({ contact: text }),
  'cancel-placed-call': v.object({ key: text }),
  'open-room': v.object({ key: text }),
  'send-message': v.object({ contact: text, text, key: text }),
  'resend-message': v.object({ contact: text, key: text, forget: v.boolean() }),
  'thread-read': v.object({ contact: text, until: v.number() }),
  'load-history': v.object({ contact: text }),
  'keep-message-draft': v.object({ contact: text, text: draft }),
  'list-calls': v.object({ before: v.nullable(v.number()) }),
  'expect-call': v.object({ contact: text, at: v.number() }),
  'cancel-expected': v.object({ expected: text }),
}

const envelope = v.object({
  to: v.literal('background'),
  command: v.picklist(Object.keys(asks) as Command[]),
  payload: v.unknown(),
})

/** `waited`: so many ms of the time in which it is to be answered are over. */
export type Handlers = {
  readonly [C in Command]: (ask: Ask<C>, waited?: number) => Reply<C> | Promise<Reply<C>>
}

/**
 * Finds the command in a runtime message and carries it out.
 *
 * @param waited ms since the message was heard.
 * @returns the reply, or null when the message is no command of ours.
 */
export function serveCommand(handlers: Handlers, message: unknown, waited: number): Promise<unknown> | null {
  const parsed = v.safeParse(envelope, message)
  if (!parsed.success) return null
  return carryOut(handlers, parsed.output.command, parsed.output.payload, waited)
}

async function carryOut<C extends Command>(
  handlers: Handlers,
  command: C,
  payload: unknown,
  waited: number,
): Promise<Reply<C>> {
  return await handlers[command](v.parse(asks[command], payload), waited)
}
