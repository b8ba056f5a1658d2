import { useEffect } from 'preact/hooks'
import type { Account, SessionState } from '../messages/state.ts'
import { AccountMenu } from './AccountMenu.tsx'
import { Brand } from './Brand.tsx'
import { CallCards } from './CallCards.tsx'
import { GapNotice } from './GapNotice.tsx'
import { LoginForm } from './LoginForm.tsx'
import { MissedCalls } from './MissedCalls.tsx'
import type { PageProps } from './page-props.ts'
import { signedOutSentence } from './reasons.ts'
import { ServerForm } from './ServerForm.tsx'
import { Shape } from './Shape.tsx'
import { StatusPanel } from './StatusPanel.tsx'
import { serverQuestion } from './server-question.ts'
import { useDayChange } from './use-tick.ts'
import './Popup.css'

/** What opens from the toolbar. */
export function Popup({ state, ask }: PageProps) {
  useEffect(() => void ask('opened', {}).catch(() => undefined), [])
  const { session } = state
  return (
    <main class="popup">
      {session.kind === 'signed-in' && <SignedIn state={state} ask={ask} account={session.account} />}
      {session.kind === 'signed-out' && <SignedOut state={state} ask={ask} session={session} />}
      {session.kind === 'unknown' && <Starting state={state} ask={ask} />}
    </main>
  )
}

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

/** The popup of someone who is logged in. While a call is there, the past waits. */
function SignedIn({ state, ask, account }: PageProps & { readonly account: Account }) {
  useDayChange()
  const now = Date.now()
  const quiet = state.calls.length === 0
  return (
    <>
      <header class="popup-head">
        <Brand />
        <AccountMenu account={account} ask={ask} />
      </header>
      <CallCards calls={state.calls} further={state.furtherCalls} ask={ask} />
      <StatusPanel
        reachability={state.reachability}
        name={account.name || (account.username ?? account.email)}
        ask={ask}
      />
      {quiet && <GapNotice gaps={state.gaps} now={now} ask={ask} />}
      {quiet && <MissedCalls missed={state.missed} seen={state.seen} now={now} ask={ask} />}
    </>
  )
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
