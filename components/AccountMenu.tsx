import { useEffect, useId, useState } from 'preact/hooks'
import { isolated } from '../messages/isolated.ts'
import { momentInSentence } from '../messages/moment-wording.ts'
import type { PeopleState } from '../messages/people.ts'
import type { Account } from '../messages/state.ts'
import { initials } from './initials.ts'
import { OptionsLink } from './OptionsLink.tsx'
import { PageLink } from './PageLink.tsx'
import type { Asker } from './page-props.ts'
import { LazyBusyUntilTime } from './people/lazy-parts.ts'
import { statusWording } from './people/presence-wording.ts'
import { chosenNow, StatusMenu, type StatusPage } from './people/StatusMenu.tsx'
import { useCommand } from './use-command.ts'
import { useMenu } from './use-menu.ts'
import { useMoment } from './use-tick.ts'
import './AccountMenu.css'

interface Props {
  readonly account: Account
  /** Where the server knows of people, whose status is chosen here. */
  readonly people?: PeopleState | null
  /** When a call was rehearsed last (ms since 1970). */
  readonly rehearsedAt?: number | undefined
  readonly ask: Asker
}

/** The round button with the person's initials, and its menu. */
export function AccountMenu({ account, people = null, rehearsedAt, ask }: Props) {
  const id = useId()
  const [page, setPage] = useState<StatusPage>('')
  const menu = useMenu(page)
  const logOut = useCommand(() => ask('log-out', {}))
  useEffect(() => {
    if (!menu.open) setPage('')
  }, [menu.open])
  useMoment(people?.status?.until ?? null)
  const alias = account.username ?? account.email
  const chosen = people?.status && chosenNow(people.status, Date.now())
  return (
    <div class="account" ref={menu.root}>
      <button
        ref={menu.button}
        type="button"
        class="account-button"
        aria-haspopup="menu"
        aria-expanded={menu.open}
        aria-controls={menu.open ? id : undefined}
        aria-label={`Account menu, ${isolated(account.name || alias)}${chosen ? `, ${statusWording[chosen]}` : ''}`}
        data-initials={initials(account.name, alias)}
        onClick={menu.toggle}
        onKeyDown={menu.onButtonKey}
      >
        <Picture address={account.picture} />
      </button>
      {menu.open && (
        <div class="account-sheet">
          <div class="account-who">
            <strong>
              <bdi>{account.name || alias}</bdi>
            </strong>
            <span>
              <bdi>{account.email}</bdi>
            </span>
          </div>
          {page === 'time' ? (
            <LazyBusyUntilTime ask={ask} back={() => setPage('busy')} done={menu.close} />
          ) : (
            <div role="menu" id={id} aria-label="Account" tabIndex={-1} onKeyDown={menu.onMenuKey}>
              {people && (
                <StatusMenu status={people.status} ask={ask} page={page} go={setPage} done={menu.close} />
              )}
              {page === '' && (
                <>
                  <PageLink page="account" ask={ask} role="menuitem">
                    My account
                  </PageLink>
                  <OptionsLink role="menuitem">Options</OptionsLink>
                  <button
                    type="button"
                    role="menuitem"
                    tabIndex={-1}
                    onClick={() => {
                      menu.close()
                      void ask('test-ring', {}).catch(() => undefined)
                    }}
                  >
                    Test ring
                    {rehearsedAt !== undefined && (
                      <small>Last: {momentInSentence(rehearsedAt, Date.now())}</small>
                    )}
                  </button>
                  <button
                    type="button"
                    role="menuitem"
                    tabIndex={-1}
                    aria-disabled={logOut.pending}
                    onClick={logOut.go}
                  >
                    Log out
                  </button>
                </>
              )}
            </div>
          )}
        </div>
      )}
    </div>
  )
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
