import type { Settings } from '../messages/settings.ts'
import type { Readiness } from '../messages/state.ts'
import { CommandButton } from './CommandButton.tsx'
import { OptionsLink, toReadiness } from './OptionsLink.tsx'
import type { Asker } from './page-props.ts'
import { Rehearsal } from './Rehearsal.tsx'
import { outcomeWording } from './readiness-wording.ts'
import './ReadinessLine.css'

interface Props {
  readonly readiness: Readiness
  readonly settings: Settings
  readonly ask: Asker
}

/** Quietly asks for a rehearsal, for what came of one, or says that the last one was not seen or heard. */
export function ReadinessLine({ readiness, settings, ask }: Props) {
  const { last, updated } = readiness
  const outcome = outcomeWording(last)
  if (last !== null && outcome === undefined)
    return (
      <section class="readiness readiness--asks" aria-label="Test ring">
        <Rehearsal readiness={readiness} settings={settings} ask={ask} brief />
      </section>
    )
  return (
    <section class="readiness" aria-label="Test ring">
      {last === null || updated ? (
        <>
          <p>{last === null ? never : changed}</p>
          <CommandButton class="button--small" run={() => ask('test-ring', {})}>
            Test ring
          </CommandButton>
        </>
      ) : (
        <>
          <p>The last test ring was {outcome}.</p>
          <OptionsLink class="button button--small" to={toReadiness}>
            What helps
          </OptionsLink>
        </>
      )}
    </section>
  )
}

const never = 'Would you see and hear a call here?'
const changed = 'Reachable or this browser was updated. Would you still see and hear a call?'
