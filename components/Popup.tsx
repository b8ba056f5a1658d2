import { useEffect, useRef, useState } from 'preact/hooks'
import type { PresenceView } from '../messages/people.ts'
import type { Account, SessionState, State } from '../messages/state.ts'
import { AccountMenu } from './AccountMenu.tsx'
import { Brand } from './Brand.tsx'
import { CallCards } from './CallCards.tsx'
import { GapNotice } from './GapNotice.tsx'
import { LoginForm } from './LoginForm.tsx'
import { MissedCalls } from './MissedCalls.tsx'
import type { ListPageProps } from './page-props.ts'
import { ExpectedCalls } from './people/ExpectedCalls.tsx'
import { LazyThread } from './people/lazy-parts.ts'
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
import { useDayChange } from './use-tick.ts'
import './Popup.css'

type StateProps = Pick<ListPageProps, 'state' | 'ask'>

/** What opens from the toolbar. */
export function Popup({ state, ask, watch }: ListPageProps) {
  useEffect(() => void ask('opened', {}).catch(() => undefined), [])
  const { session } = state
  return (
    <main class={state.people === null ? 'popup' : 'popup popup--people'}>
      {session.kind === 'signed-in' && (
        <SignedIn state={state} ask={ask} watch={watch} account={session.account} />
      )}
      {session.kind === 'signed-out' && <SignedOut state={state} ask={ask} session={session} />}
      {session.kind === 'unknown' && <Starting state={state} ask={ask} />}
    </main>
  )
}

/** Nothing is known of the session yet; where that is because the browser cannot read it, this is said. */
const Starting = ({ state: { reachability }, ask }: StateProps) =>
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

/** The popup of someone who is logged in. While a call is there, the past waits. */
function SignedIn({ state, ask, watch, account }: ListPageProps & { readonly account: Account }) {
  useDayChange()
  const now = Date.now()
  const quiet = state.calls.length === 0
  const { people } = state
  const [thread, setThread] = useState<string>()
  const opener = useReturnedFocus(thread)
  const book = useContacts(watch, people !== null)
  const open = (contact: string) => {
    opener.current = document.activeElement
    setThread(contact)
  }
  const written = people && thread !== undefined ? contactOf(book, state, thread) : undefined
  return (
    <>
      {written === undefined && (
        <header class="popup-head">
          <Brand />
          <AccountMenu account={account} people={people} ask={ask} />
        </header>
      )}
      <CallCards calls={state.calls} further={state.furtherCalls} ask={ask} />
      {written !== undefined && thread !== undefined ? (
        <LazyThread
          key={thread}
          contact={thread}
          name={written.name}
          presence={written.presence}
          ask={ask}
          watch={watch}
          back={() => setThread(undefined)}
        />
      ) : (
        <>
          {people && <PlacedCalls placed={people.placed} ask={ask} />}
          <StatusPanel
            reachability={state.reachability}
            name={account.name || (account.username ?? account.email)}
            ask={ask}
          />
          {people && <SeenByContacts people={people} ask={ask} />}
          {quiet && people && <Requests asking={people.asking} ask={ask} />}
          {quiet && people && <ExpectedCalls expected={people.expected} now={now} ask={ask} />}
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
          {people && <People people={people} book={book} ask={ask} open={open} />}
        </>
      )}
    </>
  )
}

/** Whose messages are shown, as far as they are known: of a missed call their name alone may be. */
function contactOf(
  book: ContactBook,
  state: State,
  id: string,
): { readonly name: string; readonly presence?: PresenceView } {
  const contact = book.sorted.find((one) => one.id === id)
  if (contact) return { name: contact.name, presence: presenceNow(contact.presence, book.proven, Date.now()) }
  const { missed, seen } = state
  return { name: [...missed, ...(seen?.calls ?? [])].find((call) => call.contact === id)?.from ?? 'Messages' }
}

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
const SignedOut = ({ state, ask, session }: StateProps & { readonly session: SignedOutState }) => (
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
