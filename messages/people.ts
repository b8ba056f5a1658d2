/**
 * What pages and the worker say to each other about people. Lists that may be long (contacts, a thread) are no part of
 * the one state that every page draws: a page that shows one opens a port for it, is told it whole, and then what changes.
 */

export type ChosenStatus = 'available' | 'away' | 'busy' | 'invisible'

/** What contacts are shown of this person, as the server would say it now; `unknown` while nothing is proven. */
export type SeenAs = 'available' | 'away' | 'busy' | 'in-call' | 'offline' | 'unknown'

/** The part of the state that is about people; null in its place where the server knows nothing of them. */
export interface PeopleState {
  /** Null while it is not known here: a new device has not heard of it, or the browser has not read it. */
  readonly status: {
    readonly chosen: ChosenStatus
    /** With busy: when it ends (ms since 1970). */
    readonly until: number | null
    /** False while the server has not heard of it yet. */
    readonly confirmed: boolean
  } | null
  readonly seenAs: SeenAs
  /** People who ask, oldest first: few, and shown before all else. */
  readonly asking: readonly ContactView[]
  /** Messages that were not read, of contacts and the clinic's system. */
  readonly unread: number
  /** Of what is unread this device has the newest alone. */
  readonly mayBeMoreUnread?: true
  /** Grows whenever the list of calls has changed: a page that shows it asks for it again. */
  readonly callsVersion: number
  /** Calls that this person placed and that are not over, and what came of the last, for the window that shows it. */
  readonly placed: readonly PlacedCallView[]
  /** Those that are due next, soonest first, at most 10. */
  readonly expected: readonly ExpectedCallView[]
  /** What this browser kept is being read, or what happened meanwhile has not been told yet. */
  readonly catchingUp?: true
  /** The browser's database opened not, or took nothing, when that was tried last; it is tried again. */
  readonly notKept?: true
  /** The thread that the person has asked to see, until a page shows it. */
  readonly wantedThread?: string
}

/** `clinic` is no person: the clinic's system writes, and nobody answers there. */
export type ContactRelation = 'contact' | 'asked' | 'asks' | 'blocked' | 'removed' | 'clinic'

/** The id of the one `clinic`, and of its thread. */
export const clinicThread = 'clinic'

/** A contact as a row shows them. */
export interface ContactView {
  readonly id: string
  readonly relation: ContactRelation
  /** Of `asked`: what was typed. */
  readonly name: string
  readonly username: string | null
  readonly team: string | null
  readonly favourite: boolean
  readonly ringsThrough: boolean
  readonly presence: PresenceView
  readonly unread: number
  /** "Tell me once when NAME can be reached" is on. */
  readonly awaited: boolean
  /** When this came to be so (ms since 1970): the request, the acceptance, the block. */
  readonly since: number
}

/**
 * What is known of a contact at this moment. Colours are for `available`, `away`, `busy` and `in-call` alone, and only
 * the worker, by two living leases, says those: a page whose port closes draws `unknown`. `since` is when they became so
 * (ms since 1970); null where this device did not hear the change.
 */
export type PresenceView =
  | { readonly kind: 'available' | 'away' | 'in-call'; readonly since: number | null }
  | { readonly kind: 'busy'; readonly until: number | null; readonly since: number | null }
  /** It was so at `lastKnownAt`, and is being asked again. */
  | { readonly kind: 'checking'; readonly lastKnownAt: number }
  | { readonly kind: 'offline'; readonly since: number | null }
  | { readonly kind: 'unknown' }

/** Where a message that was written here stands. */
export type Delivery =
  /** It is written down on this device, and goes when it can. */
  | 'waiting'
  /** The server has it. */
  | 'sent'
  /** The server will not take it; the text is still here. */
  | { readonly refused: string }

/** In UTF-16 units, as the protocol has it. */
export const longestMessage = 4_000

/** The same of the short answer that may go with a decline. */
export const longestAnswer = 200

export interface MessageView {
  /** The server's number in the thread; of one that waits, null. */
  readonly n: number | null
  readonly key: string
  readonly from: 'me' | 'them' | 'clinic'
  readonly text: string
  /** ms since 1970. */
  readonly at: number
  readonly delivery: Delivery
}

export interface PlacedCallView {
  readonly id: string
  /** The device's own id of it, by which its window is opened. */
  readonly key: string
  readonly contact: string
  readonly name: string
  readonly at: number
  readonly phase: PlacedCallPhase
}

/** How a call that this person placed stands (P1, P2, P5), as far as the connection of now can say. */
export type PlacedCallPhase =
  /** Pressed; the server has not said yet that there is a call. */
  | { readonly kind: 'placing' }
  | { readonly kind: 'ringing'; readonly devices: number }
  /** Nobody hears it now; it is tried until then (ms since 1970). */
  | { readonly kind: 'waiting'; readonly until: number; readonly hasRung: boolean }
  /** The connection is not proven: how it stands is not known. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-placed'; readonly message: string }
  | {
      readonly kind: 'over'
      readonly how: /** Its room was opened here. */
        | 'answered'
        | 'answered-elsewhere'
        | 'opening-room'
        /** It was answered too long after the press, or the browser opened nothing. */
        | 'room-not-opened'
        /** The worker died while it was opened. */
        | 'room-unknown'
        /** The server named none that may be opened. */
        | 'answered-without-room'
        | 'declined'
        | 'cancelled'
        | 'no-answer'
        | 'unreachable'
        | 'busy'
        | 'server-restarted'
        /** The server was heard of no more. */
        | 'unknown'
      readonly busyUntil: number | null
      readonly reply: string | null
    }

export interface ExpectedCallView {
  readonly id: string
  readonly at: number
  /** Who said that they would call; of one that is `mine`, who will be called. */
  readonly by: string
  readonly contact: string | null
  readonly mine: boolean
  /** It is due, and might not ring: nothing proves that calls get through here, or the person is busy until then. */
  readonly risk?: 'unproven' | 'busy'
}

export interface PastCallView {
  readonly id: string
  readonly direction: 'in' | 'out'
  readonly contact: string | null
  readonly name: string
  readonly at: number
  readonly how: 'answered' | 'declined' | 'cancelled' | 'missed'
  readonly why: 'unreachable' | 'no-answer' | 'cancelled' | 'busy' | 'server-restarted' | null
  /** Between answer and end nothing is known of how long it was. */
  readonly here: boolean | null
  /** Of somebody who was blocked: it rang nowhere, and nobody missed it. */
  readonly blocked: boolean
}

/** The port on which a page hears of contacts: all of them, then what changes. While it is open, presence is watched. */
export const contactsPort = 'contacts'
export type ContactsPosted =
  | { readonly whole: readonly ContactView[]; readonly more: boolean }
  | { readonly changed: readonly ContactView[]; readonly gone: readonly string[] }

/** The port on which a page hears of one thread: `thread:CONTACT`. The newest 100 come first; `load-history` brings more. */
export const threadPort = (contact: string): string => `thread:${contact}`
/** The port that a page holds open while it shows a thread and can be seen: `shown:CONTACT`. Nothing is posted on it. */
export const shownPort = (contact: string): string => `shown:${contact}`
export type ThreadPosted =
  | {
      readonly whole: readonly MessageView[]
      readonly more: boolean
      readonly draft: string
      /** Up to this number the thread was read before this page opened: below it stands the line of what is new. */
      readonly readUntil: number
    }
  /** Newer ones at the end, and those whose delivery has changed. */
  | {
      readonly changed: readonly MessageView[]
      /** The keys of what was written here and is forgotten. */
      readonly gone?: readonly string[]
    }
  | { readonly older: readonly MessageView[]; readonly more: boolean }

/** What came of something that a page asked for and that the server has to do. */
export type PeopleReply =
  | { readonly ok: true }
  | {
      readonly ok: false
      /** `offline`: there is no proven connection. Of a message that is never said: it is kept, and waits. */
      readonly why: 'offline' | 'refused' | 'unavailable'
      /** For people; what to do. */
      readonly message: string
    }

/** The commands about people, beside those of `commands.ts`. Each ends in a result or a sentence within 5 s. */
export interface PeopleCommands {
  /** Busy takes `until` (ms since 1970); the others null. */
  'set-status': { ask: { readonly status: ChosenStatus; readonly until: number | null }; reply: PeopleReply }
  'ask-contact': { ask: { readonly login: string }; reply: PeopleReply }
  'answer-contact': {
    ask: { readonly contact: string; readonly answer: 'accept' | 'decline' | 'block' }
    reply: PeopleReply
  }
  'change-contact': {
    ask: {
      readonly contact: string
      readonly change:
        | 'favourite'
        | 'no-favourite'
        | 'ring-through'
        | 'no-ring-through'
        | 'remove'
        | 'block'
        | 'unblock'
        | 'withdraw'
    }
    reply: PeopleReply
  }
  /** "Tell me once when NAME can be reached": on or off. */
  'await-contact': { ask: { readonly contact: string; readonly on: boolean }; reply: PeopleReply }
  /** Opens the window of a call at once, and places it. `key` is what the window is known by. */
  'call-contact': { ask: { readonly contact: string }; reply: { readonly ok: true; readonly key: string } }
  'cancel-placed-call': { ask: { readonly key: string }; reply: PeopleReply }
  /** Of a call that was answered, and whose room is not known to be open. */
  'open-room': { ask: { readonly key: string }; reply: PeopleReply }
  /** Written down before this is answered: from then on it goes by itself. Asked again with its `key` it is one message. */
  'send-message': {
    ask: { readonly contact: string; readonly text: string; readonly key: string }
    reply: PeopleReply
  }
  /** Of one that was refused: it goes again, or is forgotten. */
  'resend-message': {
    ask: { readonly contact: string; readonly key: string; readonly forget: boolean }
    reply: PeopleReply
  }
  /** The page shows the thread to this message: it is read. */
  'thread-read': { ask: { readonly contact: string; readonly until: number }; reply: { readonly ok: true } }
  'load-history': { ask: { readonly contact: string }; reply: PeopleReply }
  'keep-message-draft': { ask: { readonly contact: string; readonly text: string }; reply: PeopleReply }
  /** Newest first, 50 at a time; `before` is when the last one was placed. */
  'list-calls': {
    ask: { readonly before: number | null }
    reply:
      | { readonly ok: true; readonly calls: readonly PastCallView[]; readonly more: boolean }
      | (PeopleReply & { readonly ok: false })
  }
  /** Tells a contact that this person will call them at a moment (ms since 1970). */
  'expect-call': { ask: { readonly contact: string; readonly at: number }; reply: PeopleReply }
  'cancel-expected': { ask: { readonly expected: string }; reply: PeopleReply }
}
