import { expect, onTestFinished, test, vi } from 'vitest'
import { createBadgeRenderer } from '../../../entrypoints/background/toolbar/badge-renderer.ts'
import type { BadgeView } from '../../../entrypoints/background/toolbar/badge-view.ts'
import { reachable, signedIn } from '../components/states.ts'

/** What the tooltip says to whoever reads `languages`, of this reachability. */
function tooltip(languages: readonly string[], reachability = reachable().reachability): string {
  vi.stubGlobal('navigator', { language: languages[0], languages })
  onTestFinished(() => void vi.unstubAllGlobals())
  const views: BadgeView[] = []
  createBadgeRenderer({ show: (view) => void views.push(view) }, () => ({ ...signedIn, reachability })).draw()
  // A narrow space may part the hour from its half of the day.
  return (views[0]?.title ?? '').replaceAll(/\s/g, ' ')
}

const at = new Date(2026, 10, 22, 17, 2, 31).getTime()

test.each([
  ['en-GB', '17:02:31'],
  ['en-US', '5:02:31 PM'],
  ['de-DE', '17:02:31'],
  ['ko-KR', '05:02:31 pm'],
  ['fa-IR', '17:02:31'],
  ['ar-EG', '05:02:31 pm'],
] as const)(
  'G1.1 U4.1 the tooltip tells seconds in digits and words of its own language, to readers of %s too',
  (language, told) => {
    expect(tooltip([language], { kind: 'reachable', confirmedAt: at })).toContain(`Confirmed at ${told}.`)
    expect(tooltip([language], { kind: 'checking', lastConfirmedAt: at })).toContain(
      `Last confirmed at ${told}.`,
    )
  },
)
