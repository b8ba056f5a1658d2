import { useEffect, useState } from 'preact/hooks'
import { Brand } from './Brand.tsx'
import { PinSteps } from './PinSteps.tsx'
import type { Asker, PageProps } from './page-props.ts'
import { ServerForm } from './ServerForm.tsx'
import { type DrawnName, Shape } from './Shape.tsx'
import { serverQuestion } from './server-question.ts'
import './WelcomePage.css'

interface Props extends PageProps {
  readonly browser: 'chromium' | 'firefox'
}

/** The first page that a newcomer sees: what the badge is, how to keep it in sight, how to begin. */
export function WelcomePage({ state, ask, browser }: Props) {
  const pinned = usePinned(ask)
  // Asked where nobody has named a server yet; then the answer stays to be seen, and mended.
  const [asksServer] = useState(state.server === null)
  return (
    <main class="sheet welcome">
      <header>
        <Brand />
        <h1>A light that tells whether calls can reach you</h1>
        <p class="welcome-lead">
          It sits in your browser’s toolbar. It is green only while a call has been proven to get through.
        </p>
      </header>

      {asksServer && (
        <section aria-labelledby="server">
          <h2 id="server">{serverQuestion.heading}</h2>
          <p class="quiet">{serverQuestion.more}</p>
          <ServerForm server={state.server} ask={ask} />
        </section>
      )}

      <section aria-labelledby="lights">
        <h2 id="lights">What the light says</h2>
        <BadgeLegend browser={browser} />
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
          <p class="welcome-done">
            You are logged in, <bdi>{state.session.account.name}</bdi>.
          </p>
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

const legend: readonly { shape: DrawnName; badge?: string; means: string; more: string }[] = [
  {
    shape: 'reachable',
    means: 'Calls can reach you',
    more: 'The server has just proved it, and proves it again every few seconds.',
  },
  {
    shape: 'checking',
    badge: '…',
    means: 'Checking',
    more: 'There is no proof at this moment; one is being asked for.',
  },
  {
    shape: 'unreachable',
    badge: 'Off',
    means: 'Calls cannot reach you',
    more: 'Click the light: it says why, and what mends it.',
  },
  {
    shape: 'ringing-a',
    means: 'Someone is calling',
    more: 'The bell swings, and a window opens, with Answer and Decline.',
  },
  {
    shape: 'reachable',
    badge: '2',
    means: 'Something waits for you',
    more: 'Missed calls, unread messages and requests, counted together. Click it: they are listed.',
  },
  {
    shape: 'away',
    badge: '☾',
    means: 'You are away',
    more: 'Your contacts see that. Calls ring all the same.',
  },
  {
    shape: 'busy',
    badge: '–',
    means: 'You are busy',
    more: 'Calls do not ring, but for those of contacts whom you let through. They are kept for you.',
  },
  {
    shape: 'invisible',
    badge: 'Inv',
    means: 'You are invisible',
    more: 'Your contacts see you as offline. Calls ring all the same.',
  },
]

/** What each look of the light means, in words; the letters are where this browser lays them. */
const BadgeLegend = ({ browser }: Pick<Props, 'browser'>) => (
  <ul class="legend" data-browser={browser}>
    {legend.map(({ shape, badge, means, more }) => (
      <li key={means}>
        <span class="legend-icon">
          <Shape name={shape} size={36} />
          {badge && (
            <span class="legend-badge" data-shape={shape}>
              {badge}
            </span>
          )}
        </span>
        <div>
          <strong>{means}</strong>
          <p class="quiet">{more}</p>
        </div>
      </li>
    ))}
  </ul>
)

/** Milliseconds between two looks; browsers do not tell when an icon is pinned. */
const lookEvery = 1_000

/** Whether the icon is in the toolbar. Looks until it is, and only while the page can be seen. */
function usePinned(ask: Asker): boolean | 'unknown' {
  const [pinned, setPinned] = useState<boolean | 'unknown'>('unknown')
  useEffect(() => {
    let next: ReturnType<typeof setTimeout> | undefined
    let stopped = false
    const look = async () => {
      const reply = document.hidden ? undefined : await ask('is-pinned', {}).catch(() => undefined)
      if (stopped) return
      if (reply) setPinned(reply.pinned)
      if (reply?.pinned !== true) next = setTimeout(look, lookEvery)
    }
    void look()
    return () => {
      stopped = true
      clearTimeout(next)
    }
  }, [ask])
  return pinned
}
