import { useEffect } from 'preact/hooks'
import { CommandButton } from './CommandButton.tsx'
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
      <h1>Reachable options</h1>

      <section aria-labelledby="server">
        <h2 id="server">Server</h2>
        <p class="quiet">Whoever runs your Reachable server gives you its address.</p>
        <ServerForm
          server={state.server}
          signedInAs={session.kind === 'signed-in' ? session.account.name : undefined}
          ask={ask}
        />
      </section>

      <section aria-labelledby="calls">
        <h2 id="calls">Calls</h2>
        <label class="check">
          <input
            type="checkbox"
            checked={settings.namesInNotifications}
            aria-describedby="names-hint"
            onChange={(event) =>
              void ask('set-settings', { namesInNotifications: event.currentTarget.checked }).catch(
                () => undefined,
              )
            }
          />
          Show who is calling in notifications
        </label>
        <p id="names-hint" class="quiet check-hint">
          Notifications can be seen over your shoulder and on a shared screen. The call window always shows
          the name.
        </p>
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
