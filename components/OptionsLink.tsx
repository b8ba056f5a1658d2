import type { ComponentChildren } from 'preact'

interface Props {
  readonly class?: string
  readonly role?: 'menuitem'
  readonly children: ComponentChildren
}

/** Opens the options in a tab of their own, and lets a popup go that would lie over it. */
export const OptionsLink = ({ class: className, role, children }: Props) => (
  <a
    href="/options.html"
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
