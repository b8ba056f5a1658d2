import { useEffect, useRef, useState } from 'preact/hooks'
import { Brand } from './Brand.tsx'
import { CommandButton } from './CommandButton.tsx'
import { toServer } from './OptionsLink.tsx'
import type { Asker, PageProps } from './page-props.ts'
import { ServerForm } from './ServerForm.tsx'
import './OptionsPage.css'

interface Props extends PageProps {
  readonly version: string
}

export function OptionsPage({ state, ask, version }: Props) {
  useEffect(() => void ask('opened', {}).catch(() => undefined), [])
  const { session, settings } = state
  return (
    <main class="sheet">
      <Brand />
      <h1>Options</h1>

      <section aria-labelledby="server">
        <h2 id="server">Server</h2>
        <p class="quiet">Whoever runs your Reachable server gives you its address.</p>
        <ServerForm
          server={state.server}
          focused={location.hash === toServer || state.server === null}
          signedInAs={session.kind === 'signed-in' ? session.account.name : undefined}
          ask={ask}
        />
      </section>

      <section aria-labelledby="calls">
        <h2 id="calls">Calls</h2>
        <NamesInNotifications kept={settings.namesInNotifications} ask={ask} />
        <div class="options-row options-test">
          <CommandButton describedBy="test-hint" run={() => ask('test-ring', {})}>
            Test ring
          </CommandButton>
          <p id="test-hint" class="quiet">
            A call window marked “Test ring” opens, a notification appears, the light alternates and a tone
            plays. Nobody is called. If you see or hear less than that, look at your system’s notification and
            sound settings.
          </p>
        </div>
      </section>

      <footer class="quiet">Reachable {version}</footer>
    </main>
  )
}

const notKept = 'This browser could not keep the setting. Check that the disk has room, and try again.'

interface NamesProps {
  readonly kept: boolean
  readonly ask: Asker
}

interface Change {
  /** What was asked for, until the answer. */
  readonly asked?: boolean
  readonly error?: string
}

/** From the answer on what is kept is shown, whatever the answer was. */
function NamesInNotifications({ kept, ask }: NamesProps) {
  // One object, new at each step: only a component that is drawn again takes the browser's own tick away.
  const [{ asked, error }, setChange] = useState<Change>({})
  const latest = useRef(0)
  const set = async (namesInNotifications: boolean) => {
    latest.current += 1
    const mine = latest.current
    setChange({ asked: namesInNotifications })
    const reply = await ask('set-settings', { namesInNotifications }).catch(() => undefined)
    if (mine !== latest.current) return
    if (!reply) setChange({ error: 'Reachable was interrupted. Try again.' })
    else setChange(reply.ok ? {} : { error: notKept })
  }
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={asked ?? kept}
          aria-describedby="names-error names-hint"
          onChange={(event) => void set(event.currentTarget.checked)}
        />
        Show who is calling in notifications
      </label>
      <div role="alert" id="names-error" class="field-error check-hint">
        {error}
      </div>
      <p id="names-hint" class="quiet check-hint">
        Notifications can be seen over your shoulder and on a shared screen. The call window always shows the
        name.
      </p>
    </>
  )
}
