import { useState } from 'preact/hooks'
import type { PeopleState } from '../../messages/people.ts'
import { CommandButton } from '../CommandButton.tsx'
import type { Asker } from '../page-props.ts'
import { Shape } from '../Shape.tsx'
import { untilWording } from '../time-wording.ts'
import { useMoment } from '../use-tick.ts'
import { whatFailed } from './people-failure.ts'
import { seenWording, statusWording } from './presence-wording.ts'
import { chosenNow } from './StatusMenu.tsx'
import './SeenByContacts.css'

interface Props {
  readonly people: Pick<PeopleState, 'status' | 'seenAs'>
  readonly ask: Asker
}

/** The other fact, never merged with the light's: what contacts are shown of this person, and why where that was chosen. */
export function SeenByContacts({ people: { status, seenAs }, ask }: Props) {
  useMoment(status?.until ?? null)
  const now = Date.now()
  const chosen = status && chosenNow(status, now)
  const [failure, setFailure] = useState<string>()
  const busy = chosen === 'busy' && status?.until != null ? busyWording(status.until, now) : undefined
  const end = async () =>
    setFailure(await whatFailed(() => ask('set-status', { status: 'available', until: null })))
  return (
    <section class="seen" aria-label="What your contacts see">
      <Shape key={seenAs} name={seenAs} size={20} />
      <div class="seen-words">
        <p role="status">
          {seenAs === 'unknown' ? (
            <span class="seen-unknown">What contacts see is not known now.</span>
          ) : (
            <>
              Your contacts see:{' '}
              <strong>{seenAs === 'busy' && busy !== undefined ? busy : seenWording[seenAs]}</strong>
            </>
          )}
        </p>
        {status?.confirmed === false && chosen && (
          <p class="seen-more">The server has not heard of “{statusWording[chosen]}” yet.</p>
        )}
        {chosen === 'invisible' && status?.confirmed && (
          <p class="seen-more">You are invisible. Calls still ring here.</p>
        )}
        {busy !== undefined && status?.confirmed && seenAs !== 'busy' && <p class="seen-more">{busy}</p>}
        {failure !== undefined && (
          <p role="alert" class="field-error">
            {failure}
          </p>
        )}
      </div>
      {chosen === 'busy' && (
        <CommandButton class="button--small" label="End now: busy" run={end}>
          End now
        </CommandButton>
      )}
    </section>
  )
}

const busyWording = (until: number, now: number): string => `Busy until ${untilWording(until, now)}.`
