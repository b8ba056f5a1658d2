import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isolated } from '../messages/isolated.ts'
import { clockWording, momentInSentence } from '../messages/moment-wording.ts'
import type { ReachabilityState } from '../messages/state.ts'
import { unreachableSentence } from '../messages/unreachable-reasons.ts'
import { OptionsLink, toReadiness, toServer } from './OptionsLink.tsx'
import type { Asker } from './page-props.ts'
import { type Mend, reasonFor } from './reasons.ts'
import { Shape } from './Shape.tsx'
import type { ShapeName } from './shapes.ts'
import { agoWording } from './time-wording.ts'
import { useCommand } from './use-command.ts'
import { useAge } from './use-tick.ts'
import './StatusPanel.css'

interface Props {
  readonly reachability: ReachabilityState
  readonly name: string
  /** The browser lets no notification appear. */
  readonly blocked?: boolean
  readonly ask: Asker
}

/** The badge's shape, the one sentence that it means, how fresh the proof is, or what mends it. */
export function StatusPanel({ reachability, name, blocked, ask }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => heading.current?.focus(), [])
  const { shape, sentence } = statusView(reachability, name)
  const attempt = useAttempt(reachability, () => tryNow(ask), heading)
  const off = attempt.held ?? (reachability.kind === 'unreachable' ? reachability : undefined)
  const reason = off && reasonFor(off.why)
  useLayoutEffect(() => {
    // A button that is gone with its reason takes the focus with it.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [shape, off?.why])
  return (
    <section class="status" data-status={shape}>
      <Shape key={shape} name={shape} size={40} />
      <div class="status-words">
        <div role="status" style={attempt.height === undefined ? '' : { minHeight: `${attempt.height}px` }}>
          <h1
            ref={heading}
            tabIndex={-1}
            class="status-sentence"
            data-room={off ? undefined : roomOf(reachability, name)}
          >
            <span>{sentence}</span>
          </h1>
        </div>
        {off ? <Since since={off.since} /> : <Freshness reachability={reachability} />}
        {reason?.more && <p class="status-more">{reason.more}</p>}
        {reason && <MendAction mend={reason.mend} attempt={attempt} />}
        {blocked && (
          <p class="status-more">
            This browser blocks Reachable’s notifications: a call shows as a window alone.{' '}
            <OptionsLink to={toReadiness}>What helps</OptionsLink>
          </p>
        )}
      </div>
    </section>
  )
}

type Unreachable = Extract<ReachabilityState, { kind: 'unreachable' }>

interface Attempt {
  readonly start: () => void
  readonly underWay: boolean
  /** When the last one came to nothing (ms since 1970), as long as that is so. */
  readonly failedAt: number | undefined
  /** While one is under way: what was said before it. Nothing moves until its result is there; a proof is one. */
  readonly held: Unreachable | undefined
  /** So much room the sentence keeps meanwhile: pixels. */
  readonly height: number | undefined
}

/** The answer to the question comes before what comes of it, and a word that flashes by tells nothing: milliseconds. */
const tryingAtLeast = 600

async function tryNow(ask: Asker): Promise<void> {
  await ask('try-now', {})
  await new Promise((resolve) => setTimeout(resolve, tryingAtLeast))
}

/**
 * What "Try now" does: one attempt at a time, which lasts until it is known what came of it. The light says at once that
 * it is being checked; all else stays where it is, also the button that was pressed.
 */
function useAttempt(
  reachability: ReachabilityState,
  run: () => Promise<unknown>,
  heading: RefObject<HTMLElement | null>,
): Attempt {
  const [started, setStarted] = useState<{ readonly off: Unreachable; readonly height: number }>()
  const [failedAt, setFailedAt] = useState<number>()
  const { pending, go } = useCommand(run)
  const { kind } = reachability
  const underWay = started !== undefined && kind !== 'reachable' && (pending || kind === 'checking')

  useLayoutEffect(() => {
    if (started === undefined || underWay) return
    setStarted(undefined)
    setFailedAt(kind === 'unreachable' ? Date.now() : undefined)
  }, [started, underWay, kind])
  useLayoutEffect(() => {
    if (kind === 'reachable') setFailedAt(undefined)
  }, [kind])

  return {
    start: () => {
      if (underWay || reachability.kind !== 'unreachable') return
      setStarted({
        off: reachability,
        height: heading.current?.parentElement?.getBoundingClientRect().height ?? 0,
      })
      go()
    },
    underWay,
    failedAt,
    held: underWay ? started.off : undefined,
    height: underWay ? started.height : undefined,
  }
}

interface StatusView {
  readonly shape: Extract<ShapeName, 'reachable' | 'checking' | 'unreachable'>
  readonly sentence: string
}

/** The badge's shape and its one sentence. Nothing but a proof draws the reachable shape or says its words. */
export function statusView(reachability: ReachabilityState, name: string): StatusView {
  switch (reachability.kind) {
    case 'reachable':
      return { shape: 'reachable', sentence: `Calls can reach you, ${isolated(name)}.` }
    case 'checking':
      return { shape: 'checking', sentence: 'Checking whether calls can reach you…' }
    case 'unreachable':
      return {
        shape: 'unreachable',
        sentence: `${unreachableSentence(reachability.why)}.`,
      }
  }
}

/** The sentence that comes next, as a rule: the panel has room for either, so that nothing below it moves then. */
function roomOf({ kind }: ReachabilityState, name: string): string {
  const next: ReachabilityState =
    kind === 'reachable' ? { kind: 'checking' } : { kind: 'reachable', confirmedAt: 0 }
  return statusView(next, name).sentence
}

/** Outside every live region: a screen reader reads it when asked, not each second. */
function Freshness({ reachability }: { readonly reachability: ReachabilityState }) {
  switch (reachability.kind) {
    case 'reachable':
      return <Age of={reachability.confirmedAt}>Confirmed</Age>
    case 'checking':
      return reachability.lastConfirmedAt === undefined ? (
        <p class="status-more">&nbsp;</p>
      ) : (
        <Age of={reachability.lastConfirmedAt}>Last confirmed</Age>
      )
    case 'unreachable':
      return null
  }
}

const Age = ({ of, children }: { readonly of: number; readonly children: string }) => (
  <p class="status-more">
    {children} {agoWording(useAge(of))}
  </p>
)

const Since = ({ since }: { readonly since: number | undefined }) =>
  since === undefined ? null : <p class="status-more">Since {momentInSentence(since, Date.now())}</p>

/** The one action that mends an unreachable state, or the words that stand in for it. */
function MendAction({ mend, attempt }: { readonly mend: Mend; readonly attempt: Attempt }) {
  switch (mend.kind) {
    case 'try-now':
      return (
        <div class="status-try">
          <button
            type="button"
            class="button button--primary"
            aria-disabled={attempt.underWay}
            onClick={attempt.start}
          >
            {attempt.underWay ? 'Trying…' : 'Try now'}
          </button>
          <span class="status-tried" role="status">
            {attempt.failedAt !== undefined &&
              !attempt.underWay &&
              `Tried at ${clockWording(new Date(attempt.failedAt))}: still off.`}
          </span>
        </div>
      )
    case 'check-server':
      return (
        <OptionsLink class="button button--primary" to={toServer}>
          Check the server address
        </OptionsLink>
      )
    case 'wait':
    case 'advice':
      return <p class="status-more">{mend.sentence}</p>
    case 'log-in':
      // The popup draws the login form in this panel's place.
      return null
  }
}
