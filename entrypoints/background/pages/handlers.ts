import { closeCallWindow, fitCallWindow } from '../calls/call-window.ts'
import type { CallDriver } from '../calls/driver.ts'
import type { Inbox } from '../calls/inbox.ts'
import type { Rehearsals } from '../calls/rehearsals.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { PeopleDriver } from '../people/people-driver.ts'
import type { ReachabilityDriver } from '../reachability/driver.ts'
import type { KnownOffers } from '../session/offers.ts'
import type { Session } from '../session/session.ts'
import type { SettingsStore } from '../session/settings.ts'
import { isPinned } from '../toolbar/toolbar.ts'
import type { Handlers } from './commands.ts'
import { openServerPage } from './open-server-page.ts'

const done = { ok: true } as const
const testRingFor = 10_000

/** Who does what a page asks for. */
interface Dependencies {
  readonly lifecycle: Lifecycle
  readonly session: Session
  readonly offers: KnownOffers
  readonly settings: SettingsStore
  readonly reachability: ReachabilityDriver
  readonly calls: CallDriver
  readonly inbox: Inbox
  readonly people: PeopleDriver
  readonly rehearsals: Rehearsals
}

/** What each command does, once the worker has read what an earlier one kept or has tried to. */
export function createHandlers(dependencies: Dependencies): Handlers {
  const { lifecycle, session, offers, settings, reachability, calls, inbox, people, rehearsals } =
    dependencies

  return {
    ...people.handlers,
    'log-in': session.logIn,
    'log-in-at-issuer': ({ staySignedIn }) => {
      session.logInAtIssuer(staySignedIn)
      return done
    },
    'open-page': ({ page }) => openServerPage(page, session.current(), offers.now()),
    'keep-draft': ({ login }) => {
      session.keepDraft(login)
      return done
    },
    'check-server': async () => ({ ...done, answer: await offers.refresh() }),
    'log-out': async () => {
      await lifecycle.logOut()
      return done
    },
    exit: async () => {
      await lifecycle.exit()
      return done
    },
    opened: () => {
      session.opened()
      void rehearsals.look()
      return done
    },
    'try-now': () => {
      reachability.dispatch({ type: 'try-now' })
      return done
    },
    answer: ({ call }) => {
      calls.press(call, 'answer')
      return done
    },
    decline: ({ call, answer }) => {
      calls.press(call, 'decline', answer)
      return done
    },
    'fit-call-window': async (ask) => {
      await fitCallWindow(ask)
      return done
    },
    'close-call-window': async ({ call }) => {
      const ringing = calls.now().filter(({ id, phase }) => id !== call && phase === 'ringing')
      await closeCallWindow(
        call,
        ringing.map(({ id }) => id),
      )
      people.callWindowClosed(call)
      return done
    },
    'missed-seen': ({ calls: seen }) => {
      inbox.mark(seen, 'seen')
      return done
    },
    'missed-unseen': ({ calls: unseen }) => {
      inbox.mark(unseen, 'unseen')
      return done
    },
    'dismiss-gaps': ({ until }) => {
      inbox.dismissGaps(until)
      return done
    },
    'set-server': async ({ address }) => {
      const reply = await settings.setServer(address)
      const current = session.current()
      if (reply.ok && current && current.server !== reply.server) await lifecycle.logOut()
      if (reply.ok) void offers.refresh()
      return reply
    },
    'set-settings': (change) =>
      settings.set(change).then(
        () => done,
        () => ({ ok: false, why: 'storage' }),
      ),
    'test-ring': () => {
      const id = `test-${crypto.randomUUID()}`
      const call = { id, from: 'Test ring', at: Date.now(), ringsFor: testRingFor }
      calls.dispatch({ type: 'test-ring', call })
      rehearsals.begun()
      return done
    },
    'rehearsal-answered': (answer) => {
      rehearsals.answered(answer)
      return done
    },
    'is-pinned': async () => ({ pinned: await isPinned() }),
  }
}
