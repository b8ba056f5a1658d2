import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node'
import type { Json } from '../json.ts'
import type { Log } from '../log.ts'
import { StartupError } from '../startup-error.ts'
import { type Bus, BusLost, type Handler } from './bus.ts'
import { createMessageAges, type MachineClocks, watchSleep } from './message-age.ts'
import { largestMessage, messageText } from './message-text.ts'
import type { NatsConfig } from './nats-config.ts'
import { holdNats } from './nats-connection.ts'
import { NatsRefused, NatsUnreachable } from './nats-dial.ts'
import { createReplies, type Replies } from './replies.ts'

/** How long a new connection may take to show that what is published comes back, in ms. */
const provenWithin = 2_000

/**
 * A new connection subscribes to so many subjects at once and waits until the server has them, for so long in ms at
 * most: a node with many people takes longer for all of them than any one wait should be, and so do many nodes that
 * come back beside one another.
 */
const subscribedAtOnce = 2_000
const subscribedWithin = 5_000
/** Whoever has subscribed while all is well waits no longer for it to be in force, in ms: a bus that hangs is found so soon. */
const inForceWithin = 1_000

const machineClocks: MachineClocks = { monotonic: () => performance.now(), machine: Date.now }

/** Where an end of the bus says what its clock says. It answers from memory, within so many ms; else it is gone. */
const clockSubject = (name: string) => `node.${name.split('.')[0]}.clock`
const clockWithin = 500
/** Its new server may not have told ours of it yet: so often it is asked, with so many ms between. */
const clockTries = 3
const clockAgainAfter = 50

/** What a NATS server says instead of a reply where nobody subscribes. */
const noResponders = 503

export interface NatsBusOptions {
  /** The database's time, wall-clock ms. */
  readonly now: () => number
  /** Ms of this machine. */
  readonly clocks?: MachineClocks
  /** Hears what a handler threw, and what NATS forbids. */
  readonly onError: (subject: string, error: unknown) => void
  readonly log: Log
}

/** One subject, as long as anybody here subscribes to it. */
interface Subject {
  readonly handlers: Set<{ readonly handler: Handler }>
  subscription: Subscription | undefined
  /** The connection of the subscription. */
  on: NatsConnection | undefined
}

/**
 * The bus of a node: one connection to NATS, and another when it is lost. It is connected while what it publishes
 * comes back, and notices within 5 s that it does not.
 *
 * @throws StartupError when no NATS server can be reached, or none takes the credentials.
 */
export async function openNatsBus(config: NatsConfig, options: NatsBusOptions): Promise<Bus> {
  const { now, clocks = machineClocks, onError, log } = options
  const { monotonic } = clocks
  const self = randomUUID()
  /** By its name and this the others know our clock: after a sleep it is another. */
  let sleeps = 0
  const hasSlept = watchSleep(clocks)
  const subjects = new Map<string, Subject>()
  const listeners = new Set<(isConnected: boolean) => void>()
  const asked = new Map<string, Replies>()
  /** Undefined while the bus is lost. */
  let open: NatsConnection | undefined
  let inbox = ''
  let requests = 0
  let isClosed = false
  let wasLost = false
  let staleToldAt = Number.NEGATIVE_INFINITY

  const ages = createMessageAges({ ...clocks, wall: now, ask: (end) => clockOf(end) })

  const nameNow = () => {
    if (hasSlept()) sleeps += 1
    return `${self}.${sleeps}`
  }

  const stamped = (text: string) => `["${nameNow()}",${monotonic()},${now()},${text}]`

  const tellStale = (subject: string, from: string) => {
    if (performance.now() - staleToldAt < 60_000) return
    staleToldAt = performance.now()
    log.warn({ subject, from }, 'a message came too late over NATS and was dropped')
  }

  const say = (connection: NatsConnection, subject: string, text: string, reply?: string) => {
    try {
      connection.publish(subject, text, reply === undefined ? {} : { reply })
    } catch {
      // It was closed this moment, and its loss is told presently.
    }
  }

  const hand = async (subject: string, handler: Handler, message: Msg, connection: NatsConnection) => {
    try {
      const [from, at, wall, payload] = JSON.parse(message.string()) as [string, number, number, Json]
      const isFresh = ages.isFresh({ from, monotonic: at, wall })
      if (isFresh !== true && !(await isFresh)) return tellStale(subject, from)
      const reply = await handler(payload)
      // Whoever asked over a connection that is gone waits no more.
      if (reply === undefined || !message.reply || connection !== open) return
      say(connection, message.reply, `[${messageText(subject, reply)}]`)
    } catch (error) {
      onError(subject, error)
    }
  }

  const subscribeNow = (name: string, subject: Subject, connection: NatsConnection) => {
    subject.on = connection
    subject.subscription = connection.subscribe(name, {
      callback: (error, message) => {
        if (error) return onError(name, error)
        for (const { handler } of subject.handlers) void hand(name, handler, message, connection)
      },
    })
  }

  const onReply = (error: Error | null, message: Msg) => {
    if (error) return onError('_INBOX', error)
    const replies = asked.get(message.subject)
    if (!replies) return
    if (message.headers?.code === noResponders) return replies.end()
    const [reply] = JSON.parse(message.string()) as [Json]
    replies.add(reply)
  }

  const onOpen = async (connection: NatsConnection) => {
    const most = connection.info?.max_payload ?? 0
    if (most < 2 * largestMessage)
      throw new StartupError(
        `The NATS server takes messages of ${most} bytes alone. Set its max_payload to ${2 * largestMessage} or more.`,
      )
    inbox = createInbox()
    connection.subscribe(`${inbox}.*`, { callback: onReply })
    connection.subscribe(clockSubject(self), {
      callback: (error, message) => {
        if (error) return onError(clockSubject(self), error)
        const isOurs = message.string() === nameNow()
        if (message.reply) say(connection, message.reply, `[${isOurs ? monotonic() : null}]`)
      },
    })
    await subscribeAll(connection)
    await provenBack(connection, inbox)
    if (isClosed) throw new NatsUnreachable('the bus was closed meanwhile')
    // What came in the meantime; whatever is asked by it is published after.
    for (const [name, subject] of subjects)
      if (subject.on !== connection) subscribeNow(name, subject, connection)
    open = connection
    if (wasLost) log.info('NATS is back: devices can be reached as they ask')
    wasLost = false
    for (const listener of listeners) listener(true)
  }

  /** Goes on for as long as the server keeps up. */
  const subscribeAll = async (connection: NatsConnection) => {
    let count = 0
    for (const [name, subject] of subjects) {
      if (isClosed) return
      subscribeNow(name, subject, connection)
      count += 1
      if (count % subscribedAtOnce === 0) await flushed(connection, subscribedWithin)
    }
  }

  let flushing: Promise<void> | undefined

  /** One ping for all that ask in one turn; whatever any of them has subscribed to went before it. */
  const flush = (): Promise<void> => {
    flushing ??= new Promise((resolve) => setImmediate(resolve)).then(async () => {
      flushing = undefined
      // A connection that breaks meanwhile is told as lost, and the next one subscribes anew.
      if (open && !open.isClosed()) await flushed(open, inForceWithin).catch(() => {})
    })
    return flushing
  }

  /** What was subscribed before is there once what was published after has come back. */
  const provenBack = async (connection: NatsConnection, to: string) => {
    const proof = `${to}.open`
    const replies = createReplies()
    asked.set(proof, replies)
    const timer = setTimeout(replies.end, provenWithin)
    connection.publish(proof, '[true]')
    let isBack = false
    for await (const _ of replies) {
      isBack = true
      break
    }
    clearTimeout(timer)
    asked.delete(proof)
    if (!isBack) throw new NatsUnreachable('what is published does not come back')
  }

  const onLost = (why: string) => {
    open = undefined
    wasLost = true
    ages.forget()
    log.error({ why }, 'NATS is lost: nobody is reachable by this node until it is back')
    for (const subject of subjects.values()) {
      subject.subscription = undefined
      subject.on = undefined
    }
    for (const replies of [...asked.values()]) replies.end(new BusLost('the bus was lost'))
    for (const listener of listeners) listener(false)
  }

  const request = (subject: string, text: string, within: number): Replies => {
    const reply = `${inbox}.${(requests++).toString(36)}`
    const timer = setTimeout(() => replies.end(), within)
    const replies = createReplies(() => {
      clearTimeout(timer)
      asked.delete(reply)
    })
    if (!open || open.isClosed()) replies.end(new BusLost('the bus is lost'))
    else {
      asked.set(reply, replies)
      say(open, subject, text, reply)
    }
    return replies
  }

  const clockOf = async (end: string): Promise<number | null | undefined> => {
    for (let tries = 1; tries <= clockTries; tries += 1) {
      for await (const at of request(clockSubject(end), end, clockWithin))
        return typeof at === 'number' ? at : null
      await delay(clockAgainAfter)
    }
    return undefined
  }

  const held = await holdNats(config, {
    onOpen,
    onLost,
    onError: (error) => onError('NATS', error),
  }).catch((cause) => {
    throw startupError(cause)
  })

  return {
    subscribe(name, handler) {
      messageText(name, null)
      const entry = { handler }
      const subject = subjects.get(name) ?? { handlers: new Set(), subscription: undefined, on: undefined }
      subject.handlers.add(entry)
      if (!subjects.has(name)) {
        subjects.set(name, subject)
        if (open && !open.isClosed()) subscribeNow(name, subject, open)
      }
      return () => {
        subject.handlers.delete(entry)
        if (subject.handlers.size > 0 || subjects.get(name) !== subject) return
        subjects.delete(name)
        subject.subscription?.unsubscribe()
      }
    },

    request: (subject, payload, { within }) =>
      request(subject, stamped(messageText(subject, payload)), within),

    publish(subject, payload) {
      const text = messageText(subject, payload)
      if (open) say(open, subject, stamped(text))
    },

    flush,
    get isConnected() {
      return open !== undefined
    },
    onConnection(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      if (isClosed) return
      isClosed = true
      const last = open
      open = undefined
      subjects.clear()
      listeners.clear()
      for (const replies of [...asked.values()]) replies.end(new BusLost('the bus is closed'))
      // What was just published is still said.
      if (last)
        await Promise.race([last.flush().catch(() => {}), new Promise((done) => setTimeout(done, 500))])
      await held.close()
    },
  }
}

/** By connection: who is to hear that it broke. */
const waiters = new WeakMap<NatsConnection, Set<(error: NatsUnreachable) => void>>()

/** One listener for all that ever wait on a connection: each that is added stays as long as the connection does. */
function waitersOf(connection: NatsConnection) {
  const known = waiters.get(connection)
  if (known) return known
  const waiting = new Set<(error: NatsUnreachable) => void>()
  waiters.set(connection, waiting)
  const tell = () => {
    for (const one of waiting) one(new NatsUnreachable('the connection broke'))
  }
  connection.closed().then(tell, tell)
  return waiting
}

/** Resolves once the server has taken what was sent. @throws NatsUnreachable when it does not, within so many ms. */
async function flushed(connection: NatsConnection, within: number): Promise<void> {
  const waiting = waitersOf(connection)
  const { promise: failed, reject } = Promise.withResolvers<never>()
  waiting.add(reject)
  const timer = setTimeout(() => reject(new NatsUnreachable('it does not take what is subscribed')), within)
  try {
    await Promise.race([connection.flush(), failed])
  } finally {
    clearTimeout(timer)
    waiting.delete(reject)
  }
}

function startupError(cause: unknown): unknown {
  if (cause instanceof StartupError) return cause
  if (cause instanceof NatsRefused)
    return new StartupError(
      `The NATS server refuses this server (${cause.message}). Correct the user and password, or the token, in NATS_URL; or the file of NATS_CREDS_FILE.`,
    )
  if (cause instanceof NatsUnreachable)
    return new StartupError(
      `NATS cannot be reached (${cause.message}). Start it, or correct NATS_URL; if its certificate is not known here, set NATS_CA_FILE.`,
    )
  const why = cause instanceof Error ? cause.message : String(cause)
  return new StartupError(`NATS cannot be used (${why}). Correct NATS_CREDS_FILE or NATS_CA_FILE.`)
}
