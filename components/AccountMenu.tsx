import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isolated } from '../messages/isolated.ts'
import type { Account } from '../messages/state.ts'
import { initials } from './initials.ts'
import { OptionsLink } from './OptionsLink.tsx'
import { PageLink } from './PageLink.tsx'
import type { Asker } from './page-props.ts'
import { useCommand } from './use-command.ts'
import './AccountMenu.css'

interface Props {
  readonly account: Account
  readonly ask: Asker
}

/** Which item has the focus when the menu opens, or that it is closed. */
type Opening = 'closed' | 'first' | 'last'

/** The round button with the person's initials, and its menu. */
export function AccountMenu({ account, ask }: Props) {
  const id = useId()
  const [opening, setOpening] = useState<Opening>('closed')
  const open = opening !== 'closed'
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const logOut = useCommand(() => ask('log-out', {}))
  const items = () => [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]

  useLayoutEffect(() => {
    if (opening !== 'closed')
      items()
        .at(opening === 'first' ? 0 : -1)
        ?.focus()
  }, [opening])
  useEffect(() => {
    if (!open) return
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpening('closed')
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])

  const onButtonKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    setOpening(event.key === 'ArrowDown' ? 'first' : 'last')
  }
  const onMenuKey = (event: KeyboardEvent) => {
    if (event.key === 'Tab') return setOpening('closed')
    const all = items()
    const step = menuStep(event.key, all.indexOf(event.target as HTMLElement), all.length)
    if (step === undefined && event.key !== 'Escape') return
    // Escape left alone would close the whole popup.
    event.preventDefault()
    if (step !== undefined) return all[step]?.focus()
    setOpening('closed')
    button.current?.focus()
  }
  const alias = account.username ?? account.email
  return (
    <div class="account" ref={root}>
      <button
        ref={button}
        type="button"
        class="account-button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={`Account menu, ${isolated(account.name || alias)}`}
        data-initials={initials(account.name, alias)}
        onClick={() => setOpening(open ? 'closed' : 'first')}
        onKeyDown={onButtonKey}
      >
        <Picture address={account.picture} />
      </button>
      {open && (
        <div class="account-sheet">
          <div class="account-who">
            <strong>
              <bdi>{account.name || alias}</bdi>
            </strong>
            <span>
              <bdi>{account.email}</bdi>
            </span>
          </div>
          <div role="menu" id={id} aria-label="Account" tabIndex={-1} onKeyDown={onMenuKey}>
            <PageLink page="account" ask={ask} role="menuitem">
              My account
            </PageLink>
            <OptionsLink role="menuitem">Options</OptionsLink>
            <button
              type="button"
              role="menuitem"
              tabIndex={-1}
              aria-disabled={logOut.pending}
              onClick={logOut.go}
            >
              Log out
            </button>
          </div>
        </div>
      )}
    </div>
  )
}

/**
 * Where a key leads in a menu of `count` items, from the item at `index`: the arrows go round, Home and
 * End go to the ends. `undefined` when the key moves nothing.
 */
function menuStep(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return (index + 1) % count
    case 'ArrowUp':
      return (index + count - 1) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

/** A person's picture over their initials, once it has loaded. It names nobody: what it stands on does. */
function Picture({ address }: { readonly address: string | null }) {
  const [loaded, setLoaded] = useState<string>()
  if (!address?.startsWith('https://')) return null
  return (
    <img
      class={loaded === address ? 'picture picture--loaded' : 'picture'}
      src={address}
      alt=""
      referrerpolicy="no-referrer"
      onLoad={() => setLoaded(address)}
    />
  )
}
