import type { Account } from '../messages/state.ts'
import { AccountMenu } from './AccountMenu.tsx'
import { CallCards } from './CallCards.tsx'
import { GapNotice } from './GapNotice.tsx'
import { MissedCalls } from './MissedCalls.tsx'
import type { PageProps } from './page-props.ts'
import { StatusPanel } from './StatusPanel.tsx'

interface Props extends PageProps {
  readonly account: Account
}

/**
 * The popup of someone who is logged in. While a call is there, the past waits; of the past there is as much as fits
 * without a scrollbar.
 */
export function SignedIn({ state, ask, account }: Props) {
  const now = Date.now()
  const quiet = state.calls.length === 0
  return (
    <>
      <header class="popup-head">
        <span class="popup-brand">
          <img src="/icons/app-48.png" width={22} height={22} alt="" />
          Reachable
        </span>
        <AccountMenu account={account} ask={ask} />
      </header>
      <CallCards calls={state.calls} ask={ask} />
      <StatusPanel
        reachability={state.reachability}
        name={account.name || (account.username ?? account.email)}
        ask={ask}
      />
      {quiet && <GapNotice gaps={state.gaps} now={now} ask={ask} />}
      {quiet && (
        <MissedCalls missed={state.missed} now={now} ask={ask} perPage={state.gaps.length > 1 ? 2 : 4} />
      )}
    </>
  )
}
