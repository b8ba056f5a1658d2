import { BadgeLegend } from './BadgeLegend.tsx'
import { PinSteps } from './PinSteps.tsx'
import type { PageProps } from './page-props.ts'
import { Shape } from './Shape.tsx'
import { usePinned } from './use-pinned.ts'
import './WelcomePage.css'

interface Props extends PageProps {
  readonly browser: 'chromium' | 'firefox'
}

/** The first page that a newcomer sees: what the light is, how to keep it in sight, how to begin. */
export function WelcomePage({ state, ask, browser }: Props) {
  const pinned = usePinned(ask)
  return (
    <main class="sheet welcome">
      <header>
        <h1>A light that tells whether calls can reach you</h1>
        <p class="welcome-lead">
          It sits in your browser’s toolbar. It is green only while a call has been proven to get through.
        </p>
      </header>

      <section aria-labelledby="lights">
        <h2 id="lights">What the light says</h2>
        <BadgeLegend />
      </section>

      <section aria-labelledby="pinning">
        <h2 id="pinning">Keep it in sight</h2>
        <div role="status">
          {pinned === true && <p class="welcome-done">The light is in your toolbar.</p>}
        </div>
        {pinned !== true && <PinSteps browser={browser} />}
        {pinned === false && <p class="quiet">This page notices when you have done it.</p>}
      </section>

      <section aria-labelledby="begin">
        <h2 id="begin">Log in</h2>
        {state.session.kind === 'signed-in' ? (
          <p class="welcome-done">You are logged in, {state.session.account.name}.</p>
        ) : (
          <div class="welcome-begin">
            <Shape name="unreachable" size={36} />
            <p>
              Click the light in the toolbar, or press <kbd>Alt</kbd>+<kbd>Shift</kbd>+<kbd>R</kbd>, and log
              in with the account of your clinic or service.
            </p>
          </div>
        )}
      </section>
    </main>
  )
}
