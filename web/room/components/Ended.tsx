import { useLayoutEffect, useRef } from 'preact/hooks'
import { fill } from '../../page/fill.ts'
import { readClocks } from '../clocks.ts'
import type { RoomActions } from '../open-room.ts'
import { type End, isUnanswered, type Room } from '../room-reducer.ts'
import type { RoomTexts } from '../texts.ts'
import { endWording, nameIn } from '../wording.ts'

interface Props {
  readonly room: Room
  readonly end: End
  readonly texts: RoomTexts
  readonly act: Pick<RoomActions, 'comeAgain'>
}

/** Why it is over for this page, and what there is to do. */
export function Ended({ room, end, texts, act }: Props) {
  const { ended } = texts
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => heading.current?.focus(), [])
  const wasIn = room.joining !== 'lobby'
  const more = endWording(end, texts)
  const isElsewhere = end === 'replaced' || end === 'elsewhere'
  // Until the other one knows of it nobody is told to close the page.
  const mayClose = room.unsaid === null && !isElsewhere && end !== 'trouble'
  return (
    <main class="card ended">
      <p class="mark">
        <img src="/icon.svg" width="22" height="22" alt="" />
        Reachable
      </p>
      <div role="status">
        <h1 ref={heading} tabIndex={-1}>
          {fill(ended[end], { name: nameIn(room, texts) })}
        </h1>
        {more !== undefined && <p>{more}</p>}
        {wasIn && <p>{ended.stopped}</p>}
        {isUnanswered(room, readClocks()) && <p>{ended.unsaid}</p>}
        {mayClose && <p>{ended.close}</p>}
      </div>
      {isElsewhere && (
        <button type="button" class="button" onClick={act.comeAgain}>
          {ended.takeBack}
        </button>
      )}
      {end === 'trouble' && (
        <button type="button" class="button button--primary" onClick={act.comeAgain}>
          {ended.again}
        </button>
      )}
    </main>
  )
}
