import { useLayoutEffect, useRef } from 'preact/hooks'
import type { SetSettingsReply } from '../messages/commands.ts'
import { Brand } from './Brand.tsx'
import { CommandButton } from './CommandButton.tsx'
import { toReadiness, toServer } from './OptionsLink.tsx'
import type { PageProps } from './page-props.ts'
import { LazyExpectedCalls, LazyRehearsal } from './people/lazy-parts.ts'
import { RingSettings } from './RingSettings.tsx'
import { ServerForm } from './ServerForm.tsx'
import { useSetting } from './use-setting.ts'
import './OptionsPage.css'

interface Props extends PageProps {
  readonly version: string
}

export function OptionsPage({ state, ask, version }: Props) {
  // Before anything of it is seen: an Exit that is chosen then comes after it.
  useLayoutEffect(() => void ask('opened', {}).catch(() => undefined), [])
  const { session, settings, readiness, people } = state
  const readinessHeading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    if (location.hash === toReadiness) readinessHeading.current?.focus()
  }, [])
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
          label="Show names in notifications"
          hint="Of whoever calls, announces a call, writes, asks to be your contact, or can be reached. Notifications can be
            seen over your shoulder and on a shared screen. The call window always shows the name."
          kept={settings.namesInNotifications}
          set={(namesInNotifications) => ask('set-settings', { namesInNotifications })}
        />
      </section>

      <section aria-labelledby="ring">
        <h2 id="ring">Ring</h2>
        <RingSettings settings={settings} ask={ask} />
      </section>

      <section aria-labelledby="readiness">
        <h2 id="readiness" ref={readinessHeading} tabIndex={-1}>
          Ready for a call?
        </h2>
        {readiness.blocked && readiness.last?.seen !== false && (
          <p class="options-blocked">
            This browser lets no notification of Reachable appear: a call shows as a window alone. Allow them
            in the browser’s settings.
          </p>
        )}
        <div class="options-row">
          <CommandButton describedBy="test-hint" run={() => ask('test-ring', {})}>
            Test ring
          </CommandButton>
          <p id="test-hint" class="quiet">
            For ten seconds a call window marked “Test ring” opens, a notification appears, the light
            alternates and the tone plays. Nobody is called. No extension can read whether your system keeps
            quiet: only you can say what you saw and heard.
          </p>
        </div>
        {readiness.last && (
          <div class="options-rehearsal">
            <LazyRehearsal readiness={readiness} settings={settings} ask={ask} />
          </div>
        )}
      </section>

      {people && (
        <section aria-labelledby="expected">
          <h2 id="expected">Expected calls</h2>
          <p class="quiet">
            Contacts and your clinic can announce a call. If it might not ring here, the light and one
            notification say so from ten minutes before.
          </p>
          <div class="options-expected">
            {people.expected.length > 0 ? (
              <LazyExpectedCalls expected={people.expected} most={10} ask={ask} />
            ) : (
              <p>No call is expected.</p>
            )}
          </div>
        </section>
      )}

      <footer class="quiet">Reachable {version}</footer>
    </main>
  )
}

interface SettingProps {
  readonly id: string
  readonly label: string
  readonly hint: string
  readonly kept: boolean
  readonly set: (on: boolean) => Promise<SetSettingsReply>
}

/** One that is on or off. */
function Setting({ id, label, hint, kept, set }: SettingProps) {
  const { value, error, change } = useSetting(kept, set)
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={value}
          aria-describedby={`${id}-error ${id}-hint`}
          onChange={(event) => change(event.currentTarget.checked)}
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
