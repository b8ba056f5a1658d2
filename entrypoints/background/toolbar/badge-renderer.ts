import { exactClockWording, momentInSentence, momentWithDay } from '../../../messages/moment-wording.ts'
import type { State } from '../../../messages/state.ts'
import { badgeViewOf, type Clock } from './badge-view.ts'
import type { Toolbar } from './toolbar.ts'

const alternateEvery = 1_000

const clock: Clock = {
  exactly: exactClockWording,
  moment: (at) => momentWithDay(at, Date.now()),
  until: (at) => momentInSentence(at, Date.now()),
}

/** Draws the toolbar from the state whenever asked, and by itself while a ring alternates. */
export function createBadgeRenderer(toolbar: Toolbar, state: () => State): { readonly draw: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined

  function draw(): void {
    clearTimeout(timer)
    const view = badgeViewOf(state(), Math.floor(Date.now() / alternateEvery) % 2 === 0, clock)
    toolbar.show(view)
    if (view.icon === 'ringing-a' || view.icon === 'ringing-b') timer = setTimeout(draw, alternateEvery)
  }

  return { draw }
}
