import { useState } from 'preact/hooks'
import { isolated } from '../../messages/isolated.ts'
import type { ContactView } from '../../messages/people.ts'
import { CommandButton } from '../CommandButton.tsx'
import type { Asker } from '../page-props.ts'
import { Avatar } from './Avatar.tsx'
import { whatFailed } from './people-failure.ts'
import './Requests.css'

interface Props {
  /** Oldest first. */
  readonly asking: readonly ContactView[]
  readonly ask: Asker
}

/** So many are shown until somebody wants to see them all. */
const first = 2

/** People who ask to be a contact, before all else. */
export function Requests({ asking, ask }: Props) {
  const [all, setAll] = useState(false)
  if (asking.length === 0) return null
  const shown = all ? asking : asking.slice(0, first)
  return (
    <section class="requests" aria-label="Requests">
      <ul>
        {shown.map((contact) => (
          <Request key={contact.id} contact={contact} ask={ask} />
        ))}
      </ul>
      {shown.length < asking.length && (
        <button type="button" class="link requests-all" onClick={() => setAll(true)}>
          Show all {asking.length} requests
        </button>
      )}
    </section>
  )
}

function Request({ contact, ask }: { readonly contact: ContactView; readonly ask: Asker }) {
  const [failure, setFailure] = useState<string>()
  const name = isolated(contact.name)
  const answer = (how: 'accept' | 'decline' | 'block') => async () =>
    setFailure(await whatFailed(() => ask('answer-contact', { contact: contact.id, answer: how })))
  return (
    <li class="request">
      <Avatar name={contact.name} />
      <div class="request-words">
        <p>
          <strong>
            <bdi>{contact.name}</bdi>
          </strong>{' '}
          asks to be your contact
        </p>
        {contact.username !== null && (
          <p class="request-username">
            <bdi>{contact.username}</bdi>
          </p>
        )}
        <div class="request-actions">
          <CommandButton
            class="button--small button--primary"
            label={`Accept ${name}`}
            run={answer('accept')}
          >
            Accept
          </CommandButton>
          <CommandButton class="button--small" label={`Decline ${name}`} run={answer('decline')}>
            Decline
          </CommandButton>
          <CommandButton class="button--small button--bare" label={`Block ${name}`} run={answer('block')}>
            Block
          </CommandButton>
        </div>
        {failure !== undefined && (
          <p role="alert" class="field-error">
            {failure}
          </p>
        )}
      </div>
    </li>
  )
}
