import { useEffect, useRef, useState } from 'preact/hooks'
import type { SetSettingsReply } from '../messages/commands.ts'
import { Brand } from './Brand.tsx'
import { CommandButton } from './CommandButton.tsx'
import { toServer } from './OptionsLink.tsx'
import type { PageProps } from './page-props.ts'
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

      <section aria-labelledby="notifications">
        <h2 id="notifications">Notifications</h2>
        <Setting
          id="outages"
          label="Tell me when calls cannot reach me"
          hint="When the light has been off for half a minute, or longer where it comes and goes, a notification says so
            and why, and another says when calls can reach you again."
          kept={settings.tellOfOutages}
          set={(tellOfOutages) => ask('set-settings', { tellOfOutages })}
        />
        <Setting
          id="names"
          label="Show who is calling in notifications"
          hint="Notifications can be seen over your shoulder and on a shared screen. The call window always shows the
            name."
          kept={settings.namesInNotifications}
          set={(namesInNotifications) => ask('set-settings', { namesInNotifications })}
        />
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

interface SettingProps {
  readonly id: string
  readonly label: string
  readonly hint: string
  readonly kept: boolean
  readonly set: (on: boolean) => Promise<SetSettingsReply>
}

interface Change {
  /** What was asked for, until the answer. */
  readonly asked?: boolean
  readonly error?: string
}

/** One that is on or off. From the answer on what is kept is shown, whatever the answer was. */
function Setting({ id, label, hint, kept, set }: SettingProps) {
  // One object, new at each step: only a component that is drawn again takes the browser's own tick away.
  const [{ asked, error }, setChange] = useState<Change>({})
  const latest = useRef(0)
  const change = async (on: boolean) => {
    latest.current += 1
    const mine = latest.current
    setChange({ asked: on })
    const reply = await set(on).catch(() => undefined)
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
          aria-describedby={`${id}-error ${id}-hint`}
          onChange={(event) => void change(event.currentTarget.checked)}
        />
        {label}
      </label>
      <div role="alert" id={`${id}-error`} class="field-error check-hint">
        {error}
      </div>
      <p id={`${id}-hint`} class="quiet check-hint">
        {hint}
      </p>
    </>
  )
}
