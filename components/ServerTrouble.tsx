import { useLayoutEffect, useRef } from 'preact/hooks'
import { OptionsLink, toServer } from './OptionsLink.tsx'
import { type Trouble, troubleWording } from './server-trouble.ts'
import { useCommand } from './use-command.ts'

interface Props {
  readonly trouble: Trouble
  readonly server: string
  /** Looks anew whether the server answers. */
  readonly look: () => Promise<void>
  /** Called when this goes and takes the focus with it. */
  readonly onFocusLost: () => void
}

/** So long is a try to be seen, in milliseconds, however soon it fails. */
const atLeast = 500

/** Beside the sentence that says what keeps everybody from logging in: what can be done. */
export function ServerTrouble({ trouble, server, look, onFocusLost }: Props) {
  const root = useRef<HTMLDivElement>(null)
  const { more, checkServer } = troubleWording(trouble, server)
  const { pending, go } = useCommand(() =>
    Promise.all([look(), new Promise((done) => setTimeout(done, atLeast))]),
  )
  useLayoutEffect(
    () => () => {
      if (root.current?.contains(document.activeElement)) onFocusLost()
    },
    [],
  )
  return (
    <div ref={root}>
      {more && <p class="login-more">{more}</p>}
      <p class="login-mend">
        <button type="button" class="button button--small" aria-disabled={pending} onClick={go}>
          {pending ? 'Trying…' : 'Try again'}
        </button>
        {checkServer && <OptionsLink to={toServer}>Check the server address</OptionsLink>}
      </p>
    </div>
  )
}
