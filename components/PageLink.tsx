import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { OpenPageReply, ServerPage } from '../messages/commands.ts'
import type { Asker } from './page-props.ts'
import { useCommand } from './use-command.ts'
import './PageLink.css'

interface Props {
  readonly page: ServerPage
  readonly ask: Asker
  readonly role?: 'menuitem'
  /** What is known to be in the way: the browser's own page of errors would be all that opened. */
  readonly away?: Away | undefined
  readonly children: ComponentChildren
}

export type Away = 'server-silent' | 'no-network'

type Why = Away | Extract<OpenPageReply, { ok: false }>['why'] | 'interrupted'

const sentences: Readonly<Record<Why, string>> = {
  'server-silent': 'The server does not answer. Try again.',
  'no-network': 'This computer is offline.',
  'server-fault': 'Something failed on the server. Try again in a moment.',
  'not-offered': 'The server does not offer this any more.',
  storage: 'This browser cannot read what Reachable keeps. Try again, or restart the browser.',
  interrupted: 'Reachable was interrupted. Try again.',
}

/** Opens one of the server's pages in a tab, and lets a popup go that would lie over it. */
export function PageLink({ page, ask, role, away, children }: Props) {
  const [failure, setFailure] = useState<Why | 'away'>()
  const { pending, go } = useCommand(async () => {
    if (away) return setFailure('away')
    const reply = await ask('open-page', { page }).catch(() => ({ ok: false, why: 'interrupted' }) as const)
    setFailure(reply.ok ? undefined : reply.why)
    if (reply.ok) window.close()
  })
  // Said for as long as it is so.
  const said = failure === 'away' ? away : failure
  return (
    <>
      <button
        type="button"
        class={role ? undefined : 'link'}
        role={role}
        tabIndex={role && -1}
        aria-disabled={pending}
        onClick={go}
      >
        {children}
      </button>
      {said && (
        <span role="alert" class="page-link-failure">
          {sentences[said]}
        </span>
      )}
    </>
  )
}
