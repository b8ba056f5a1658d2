import type { SessionState } from '../messages/state.ts'
import { CallCards } from './CallCards.tsx'
import { LoginForm } from './LoginForm.tsx'
import type { PageProps } from './page-props.ts'
import { signedOutSentence } from './reasons.ts'
import { Shape } from './Shape.tsx'

interface Props extends PageProps {
  readonly session: Extract<SessionState, { kind: 'signed-out' }>
}

/** The popup of someone who is not logged in: why, and the way back. Only a test can ring here. */
export const SignedOut = ({ state, ask, session }: Props) => (
  <>
    <header class="signed-out">
      <Shape name="unreachable" size={32} />
      <div>
        <h1>Log in to Reachable</h1>
        <p>{signedOutSentence(session.why)}</p>
      </div>
    </header>
    <CallCards calls={state.calls} ask={ask} />
    <LoginForm
      draft={session.draft}
      atIssuer={session.atIssuer}
      offers={state.offers}
      server={state.server}
      ask={ask}
    />
  </>
)
