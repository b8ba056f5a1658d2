import { isolated } from '../messages/isolated.ts'
import type { IssuerState } from '../messages/state.ts'
import { CommandButton } from './CommandButton.tsx'
import { LogInNotice } from './LogInNotice.tsx'
import { logInRefusal } from './log-in-refusals.ts'
import { OptionsLink, toServer } from './OptionsLink.tsx'
import type { Asker } from './page-props.ts'
import { RetryWait } from './RetryWait.tsx'
import './IssuerSignIn.css'

interface Props {
  /** The name on the button: "Google". */
  readonly issuer: string
  readonly signIn: IssuerState
  readonly server: string
  readonly staySignedIn: boolean
  readonly ask: Asker
}

/** The other way in: a window of the issuer, which the worker opens and waits for. */
export function IssuerSignIn({ issuer, signIn, server, staySignedIn, ask }: Props) {
  const name = isolated(issuer)
  const underWay = signIn === 'under-way'
  const refused = typeof signIn === 'object' ? logInRefusal(signIn.refused, server, name) : undefined
  return (
    <div class="issuer">
      <p class="issuer-or" aria-hidden="true">
        or
      </p>
      <CommandButton class="button--wide" run={() => ask('log-in-at-issuer', { staySignedIn })}>
        {underWay ? `Continue in the ${name} window…` : `Sign in with ${name}`}
      </CommandButton>
      <LogInNotice alert={refused?.sentence}>
        {refused?.until !== undefined && (
          <p>
            <RetryWait until={refused.until} />
          </p>
        )}
        {refused?.checkServer && <OptionsLink to={toServer}>Check the server address</OptionsLink>}
      </LogInNotice>
    </div>
  )
}
