import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { OpenPageReply, ServerPage } from '../messages/commands.ts'
import type { Asker } from './page-props.ts'
import { useCommand } from './use-command.ts'

interface Props {
  readonly page: ServerPage
  readonly ask: Asker
  readonly role?: 'menuitem'
  readonly children: ComponentChildren
}

type Why = Extract<OpenPageReply, { ok: false }>['why'] | 'interrupted'

const sentences: Readonly<Record<Why, string>> = {
  'server-silent': 'The server does not answer. Try again.',
  'server-fault': 'Something failed on the server. Try again in a moment.',
  'not-offered': 'The server does not offer this any more.',
  storage: 'This browser cannot read what Reachable keeps. Try again, or restart the browser.',
  interrupted: 'Reachable was interrupted. Try again.',
}

/** Opens one of the server's pages in a tab, and lets a popup go that would lie over it. */
export function PageLink({ page, ask, role, children }: Props) {
  const [failure, setFailure] = useState<Why>()
  const { pending, go } = useCommand(async () => {
    const reply = await ask('open-page', { page }).catch(() => ({ ok: false, why: 'interrupted' }) as const)
    setFailure(reply.ok ? undefined : reply.why)
    if (reply.ok) window.close()
  })
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
      {failure && <span role="alert">{sentences[failure]}</span>}
    </>
  )
}
