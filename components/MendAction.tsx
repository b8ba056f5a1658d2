import { CommandButton } from './CommandButton.tsx'
import { OptionsLink } from './OptionsLink.tsx'
import type { Asker } from './page-props.ts'
import type { Mend } from './reasons.ts'

interface Props {
  readonly mend: Mend
  readonly ask: Asker
}

/** The one action that mends an unreachable state, or the words that stand in for it. */
export function MendAction({ mend, ask }: Props) {
  switch (mend.kind) {
    case 'try-now':
      return (
        <CommandButton class="button--primary" run={() => ask('try-now', {})}>
          Try now
        </CommandButton>
      )
    case 'check-server':
      return <OptionsLink class="button button--primary">Check the server address</OptionsLink>
    case 'wait':
    case 'advice':
      return <p class="status-more">{mend.sentence}</p>
    case 'log-in':
      // The popup draws the login form in this panel's place.
      return null
  }
}
