import type { PeopleCommands } from './people.ts'
import type { Settings } from './settings.ts'

/** What somebody says of a rehearsal: one thing at a time, as it is asked. */
export type RehearsalAnswer = { readonly seen: boolean } | { readonly heard: boolean }

/** What a page may ask of the background worker, and what it is told in return. */
export interface Commands extends PeopleCommands {
  'log-in': {
    ask: { readonly login: string; readonly password: string; readonly staySignedIn: boolean }
    reply: LogInReply
  }
  /** Begins a sign-in at the server's issuer; how it goes is in the state, since the popup may close meanwhile. */
  'log-in-at-issuer': { ask: { readonly staySignedIn: boolean }; reply: Done }
  /** Opens one of the server's pages in a tab; `account` is opened signed in. */
  'open-page': { ask: { readonly page: ServerPage }; reply: OpenPageReply }
  /** Keeps what is typed into Username while the popup is closed. Never a password. */
  'keep-draft': { ask: { readonly login: string }; reply: Done }
  /**
   * Looks whether the server answers, and what it offers, which is in the state. How it answers is true of this look
   * alone, so it is told to whoever asked and kept nowhere.
   */
  'check-server': { ask: object; reply: CheckServerReply }
  'log-out': { ask: object; reply: Done }
  exit: { ask: object; reply: Done }
  /** The person opened a page of the extension: ends the rest that Exit began. */
  opened: { ask: object; reply: Done }
  'try-now': { ask: object; reply: Done }
  answer: { ask: { readonly call: string }; reply: Done }
  /** `answer` is a short one, which a caller who is a contact is shown, and finds among the messages. */
  decline: { ask: { readonly call: string; readonly answer?: string | undefined }; reply: Done }
  /**
   * Of a call's window: its page needs `by` more of its own pixels in height than it has, or less, and the window should
   * be on `screen`.
   */
  'fit-call-window': {
    ask: { readonly call: string; readonly by: number; readonly screen: Screen }
    reply: Done
  }
  'close-call-window': { ask: { readonly call: string }; reply: Done }
  'missed-seen': { ask: { readonly calls: readonly string[] }; reply: Done }
  /** Takes back that they were. */
  'missed-unseen': { ask: { readonly calls: readonly string[] }; reply: Done }
  /** Of gaps that end no later than `until` (ms since 1970) nothing is said any more. */
  'dismiss-gaps': { ask: { readonly until: number }; reply: Done }
  'set-server': { ask: { readonly address: string }; reply: SetServerReply }
  /** One at a time: what a page does not name stays as it is. */
  'set-settings': { ask: SettingsChange; reply: SetSettingsReply }
  /** A rehearsal of ten seconds: a call that nobody places. */
  'test-ring': { ask: object; reply: Done }
  /** What the person says of the last one: that they saw it, or heard it, or did not. */
  'rehearsal-answered': {
    ask: RehearsalAnswer
    reply: Done
  }
  /** Whether the icon stands in the toolbar; some browsers do not tell. */
  'is-pinned': { ask: object; reply: { readonly pinned: boolean | 'unknown' } }
}

export type Command = keyof Commands
export type Ask<C extends Command> = Commands[C]['ask']
export type Reply<C extends Command> = Commands[C]['reply']

export type SettingsChange = { readonly [Name in keyof Settings]: Pick<Settings, Name> }[keyof Settings]

export interface Done {
  readonly ok: true
}

/** What a screen has room for windows on, in pixels. */
export interface Screen {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** `answer` is null where nobody has named a server. */
export interface CheckServerReply extends Done {
  readonly answer: ServerAnswer | null
}

export type ServerAnswer = 'fine' | 'no-network' | 'server-silent' | 'not-a-reachable-server' | 'outdated'

export type ServerPage = 'forgot' | 'sign-up' | 'account'

export type OpenPageReply =
  | Done
  | { readonly ok: false; readonly why: 'server-silent' | 'not-offered' | 'server-fault' | 'storage' }

export type LogInReply = Done | ({ readonly ok: false } & LogInRefusal)

/** Why nobody is signed in after an attempt. */
export interface LogInRefusal {
  readonly why:
    | 'empty-login'
    | 'empty-password'
    | 'wrong-credentials'
    | 'too-many-attempts'
    /** Nobody has said yet which server it is. */
    | 'no-server'
    | 'no-network'
    | 'server-silent'
    | 'not-a-reachable-server'
    | 'wrong-address'
    | 'outdated'
    | 'server-fault'
    | 'storage'
    | IssuerRefusal
  /** When the next try may be made, with `too-many-attempts`, where the server says so: by this device's wall clock. */
  readonly until?: number
}

/** Why a sign-in at the issuer came to nothing. */
export type IssuerRefusal =
  | 'window-closed'
  | 'interrupted'
  | 'denied'
  | 'unverified-email'
  | 'account-unverified'
  | 'domain-not-allowed'
  | 'account-disabled'
  | 'issuer-silent'
  | 'issuer-fault'
  | 'expired'

/** `storage`: the browser could not keep it, so it is as it was. */
export type SetSettingsReply = Done | { readonly ok: false; readonly why: 'storage' }

export type SetServerReply =
  | { readonly ok: true; readonly server: string }
  | {
      readonly ok: false
      readonly why:
        | 'empty'
        | 'not-an-address'
        | 'not-secure'
        | 'no-network'
        | 'server-silent'
        | 'not-a-reachable-server'
        | 'outdated'
        | 'storage'
    }
