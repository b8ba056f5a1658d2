import type { ComponentChildren } from 'preact'

/** What the options are opened for, as the end of their address. */
export const toServer = '#server-address'
export const toReadiness = '#readiness'

interface Props {
  readonly class?: string
  readonly role?: 'menuitem'
  /** Where the cursor is to be, when it is not at the beginning. */
  readonly to?: typeof toServer | typeof toReadiness
  readonly children: ComponentChildren
}

/** Opens the options in a tab of their own, and lets a popup go that would lie over it. */
export const OptionsLink = ({ class: className, role, to = undefined, children }: Props) => (
  <a
    href={`/options.html${to ?? ''}`}
    target="_blank"
    class={className}
    role={role}
    tabIndex={role && -1}
    onClick={() => setTimeout(() => window.close())}
    rel="noopener"
  >
    {children}
  </a>
)
