import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { ServerPage } from '../messages/commands.ts'
import type { Asker } from './page-props.ts'
import { useCommand } from './use-command.ts'

interface Props {
  readonly page: ServerPage
  readonly ask: Asker
  readonly role?: 'menuitem'
  readonly children: ComponentChildren
}

/** Opens one of the server's pages in a tab, and lets a popup go that would lie over it. */
export function PageLink({ page, ask, role, children }: Props) {
  const [failed, setFailed] = useState(false)
  const { pending, go } = useCommand(async () => {
    const reply = await ask('open-page', { page }).catch(() => undefined)
    setFailed(!reply?.ok)
    if (reply?.ok) window.close()
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
      {failed && <span role="alert">The server does not answer. Try again.</span>}
    </>
  )
}
