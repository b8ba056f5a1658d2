import { useEffect } from 'preact/hooks'
import type { SessionState, State } from '../messages/state.ts'
import type { PageProps } from './page-props.ts'
import { reasonFor } from './reasons.ts'
import { SignedIn } from './SignedIn.tsx'
import { SignedOut } from './SignedOut.tsx'
import { Skeleton } from './Skeleton.tsx'
import { StatusPanel } from './StatusPanel.tsx'
import './Popup.css'

/** A session that the server has ended counts as none, even while the worker still forgets it. */
function sessionOf({ session, reachability }: State): SessionState {
  const over = reachability.kind === 'unreachable' && reasonFor(reachability.why).mend.kind === 'log-in'
  return session.kind === 'signed-in' && over
    ? { kind: 'signed-out', why: 'ended', draft: '', atIssuer: 'idle' }
    : session
}

/** What opens from the toolbar. */
export function Popup({ state, ask }: PageProps) {
  useEffect(() => void ask('opened', {}).catch(() => undefined), [])
  const session = sessionOf(state)
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
