import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { PresenceView } from '../messages/people.ts'
import type { Account, SessionState, State } from '../messages/state.ts'
import { AccountMenu } from './AccountMenu.tsx'
import { Brand } from './Brand.tsx'
import { CallCards } from './CallCards.tsx'
import { GapNotice } from './GapNotice.tsx'
import { LoginForm } from './LoginForm.tsx'
import { MissedCalls } from './MissedCalls.tsx'
import type { ListPageProps, PageProps } from './page-props.ts'
import { LazyExpectedCalls, LazyReadinessLine, LazyThread } from './people/lazy-parts.ts'
import type { ContactBook } from './people/order-contacts.ts'
import { People } from './people/People.tsx'
import { PlacedCalls } from './people/PlacedCalls.tsx'
import { presenceNow } from './people/presence-wording.ts'
import { Requests } from './people/Requests.tsx'
import { SeenByContacts } from './people/SeenByContacts.tsx'
import { useContacts } from './people/use-contacts.ts'
import { signedOutSentence } from './reasons.ts'
import { ServerForm } from './ServerForm.tsx'
import { Shape } from './Shape.tsx'
import { StatusPanel } from './StatusPanel.tsx'
import { serverQuestion } from './server-question.ts'
import { useSettled } from './use-settled.ts'
import { useDayChange } from './use-tick.ts'
import './Popup.css'

/** What opens from the toolbar. */
export function Popup({ state, ask, watch }: ListPageProps) {
  // Before anything of it is seen: an Exit that is chosen then comes after it.
  useLayoutEffect(() => void ask('opened', {}).catch(() => undefined), [])
  const { session, people } = state
  const [opened, setOpened] = useState<Opened>()
  useEffect(() => {
    if (session.kind === 'signed-out') setOpened(undefined)
  }, [session.kind])
  // A worker that has just started knows nobody yet: what somebody is writing stays meanwhile.
  const thread = session.kind === 'signed-out' ? undefined : opened
  const opener = useReturnedFocus(thread?.contact)
  const book = useContacts(watch, people !== null || thread !== undefined)
  const settled = useSettled(state, book)
  const open = (contact: string) => {
    opener.current = document.activeElement
    setOpened({ contact, name: nameOf(contact, book, state) })
  }
  const wanted = people?.wantedThread
  useEffect(() => {
    if (wanted !== undefined) open(wanted)
  }, [wanted])
  return (
    <main class={people === null && !thread ? 'popup' : 'popup popup--people'}>
      {thread && <CallCards calls={state.calls} further={state.furtherCalls} ask={ask} />}
      {thread && (
        <LazyThread
          key={thread.contact}
          contact={thread.contact}
          name={nameOf(thread.contact, book, state) || thread.name || 'Messages'}
          presence={presenceOf(thread.contact, book)}
          blocked={isBlocked(thread.contact, book)}
          ask={ask}
          watch={watch}
          back={() => setOpened(undefined)}
        />
      )}
      {session.kind === 'signed-in' && !thread && (
        <SignedIn
          state={state}
          ask={ask}
          account={session.account}
          book={book}
          settled={settled}
          open={open}
        />
      )}
      {session.kind === 'signed-out' && <SignedOut state={state} ask={ask} session={session} />}
      {session.kind === 'unknown' && !thread && <Starting state={state} ask={ask} />}
    </main>
  )
}

/** Whose messages are shown. */
interface Opened {
  readonly contact: string
  readonly name: string
}

/** The name of a contact, or of who called and is none any more; '' where neither is known. */
const nameOf = (id: string, book: ContactBook, { missed, seen }: State): string =>
  book.sorted.find((one) => one.id === id)?.name ??
  [...missed, ...(seen?.calls ?? [])].find(({ contact }) => contact === id)?.from ??
  ''

/** Of who is blocked nothing of where they are is known here. */
function presenceOf(id: string, book: ContactBook): PresenceView | undefined {
  const contact = book.sorted.find((one) => one.id === id)
  if (contact?.relation !== 'contact') return undefined
  return presenceNow(contact.presence, book.proven, Date.now())
}

const isBlocked = (id: string, book: ContactBook): boolean =>
  book.sorted.find((one) => one.id === id)?.relation === 'blocked'

/** Nothing is known of the session yet; where that is because the browser cannot read it, this is said. */
const Starting = ({ state: { reachability }, ask }: PageProps) =>
  reachability.kind === 'unreachable' && reachability.why === 'storage' ? (
    <StatusPanel reachability={reachability} name="" ask={ask} />
  ) : (
    <Skeleton />
  )

/** Holds the popup's place while the worker reads what it kept. Says nothing, claims nothing. */
const Skeleton = () => (
  <div class="skeleton" aria-busy="true">
    <h1 class="for-readers">Reachable is starting</h1>
  </div>
)

interface SignedInProps extends PageProps {
  readonly account: Account
  readonly book: ContactBook
  /** Whether all that stands below the light can be drawn at once. */
  readonly settled: boolean
  readonly open: (contact: string) => void
}

/** The popup of someone who is logged in. While a call is there, the past waits. */
function SignedIn({ state, ask, account, book, settled, open }: SignedInProps) {
  useDayChange()
  const now = Date.now()
  const { people } = state
  const quiet = settled && state.calls.length === 0
  return (
    <>
      <header class="popup-head">
        <Brand />
        <AccountMenu account={account} people={people} rehearsedAt={state.readiness.last?.at} ask={ask} />
      </header>
      <CallCards calls={state.calls} further={state.furtherCalls} ask={ask} />
      {people && <PlacedCalls placed={people.placed} ask={ask} />}
      <StatusPanel
        reachability={state.reachability}
        name={account.name || (account.username ?? account.email)}
        blocked={state.readiness.blocked}
        ask={ask}
      />
      {people && <SeenByContacts people={people} ask={ask} />}
      {quiet && people && <Requests asking={people.asking} ask={ask} />}
      {quiet && people && people.expected.length > 0 && (
        <LazyExpectedCalls expected={people.expected} most={2} ask={ask} />
      )}
      {quiet && <GapNotice gaps={state.gaps} now={now} ask={ask} />}
      {quiet && (
        <MissedCalls
          missed={state.missed}
          seen={state.seen}
          now={now}
          ask={ask}
          {...(people ? { open } : {})}
        />
      )}
      {settled && people && (
        <People people={people} cannotSpeak={state.cannotSpeak} book={book} ask={ask} open={open} />
      )}
      {quiet && isToBeAsked(state.readiness) && (
        <LazyReadinessLine readiness={state.readiness} settings={state.settings} ask={ask} />
      )}
    </>
  )
}

/** Whether a rehearsal is due, is not answered, or was not seen and heard. */
const isToBeAsked = ({ last, updated }: State['readiness']) => updated || !(last?.seen && last.heard)

/** Whoever comes back from a thread has the focus where they opened it, or on the status. */
function useReturnedFocus(thread: string | undefined) {
  const opener = useRef<Element | null>(null)
  const before = useRef(thread)
  useEffect(() => {
    const returned = before.current !== undefined && thread === undefined
    before.current = thread
    if (!returned) return
    const label = opener.current?.getAttribute('aria-label')
    const row = opener.current?.closest<HTMLElement>('[data-row]')?.dataset.row
    const within = row === undefined ? document : document.querySelector(`[data-row="${CSS.escape(row)}"]`)
    const found = label
      ? within?.querySelector<HTMLElement>(`[aria-label="${CSS.escape(label)}"]`)
      : within?.querySelector<HTMLElement>('[data-column]')
    found?.focus()
  }, [thread])
  return opener
}

type SignedOutState = Extract<SessionState, { kind: 'signed-out' }>

/** The popup of someone who is not logged in: why, and the way back. Only a test can ring here. */
const SignedOut = ({ state, ask, session }: PageProps & { readonly session: SignedOutState }) => (
  <>
    <header class="signed-out">
      <Shape name="unreachable" size={32} />
      <div>
        <h1>{state.server === null ? serverQuestion.heading : 'Log in to Reachable'}</h1>
        <p>{state.server === null ? serverQuestion.more : signedOutSentence(session.why)}</p>
      </div>
    </header>
    <CallCards calls={state.calls} further={state.furtherCalls} ask={ask} />
    {state.server === null ? (
      <ServerForm server={null} focused ask={ask} />
    ) : (
      <LoginForm
        draft={session.draft}
        staySignedIn={session.staySignedIn}
        atIssuer={session.atIssuer}
        offers={state.offers}
        server={state.server}
        ask={ask}
      />
    )}
  </>
)
