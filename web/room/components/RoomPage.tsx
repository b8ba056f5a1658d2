import { useEffect } from 'preact/hooks'
import { fill } from '../../page/fill.ts'
import { readClocks } from '../clocks.ts'
import type { RoomActions, RoomView } from '../open-room.ts'
import { type Phase, phaseOf } from '../room-reducer.ts'
import type { RoomTexts } from '../texts.ts'
import { nameIn } from '../wording.ts'
import { Ended } from './Ended.tsx'
import { InRoom } from './InRoom.tsx'
import { Lobby } from './Lobby.tsx'
import { OwnStatus } from './OwnStatus.tsx'
import { useKeptFocus } from './use-kept-focus.ts'
import { useRedraw } from './use-redraw.ts'
import './RoomPage.css'

/** A lease that ends is seen to end by then, in ms. */
const redrawEvery = 500

interface Props {
  readonly view: RoomView
  readonly texts: RoomTexts
  readonly act: RoomActions
}

export function RoomPage({ view, texts, act }: Props) {
  useRedraw(redrawEvery)
  useKeptFocus()
  const { room } = view
  const phase = phaseOf(room, readClocks())
  const title = room.name === null ? texts.title : fill(texts.titleWith, { name: nameIn(room, texts) })
  useEffect(() => {
    document.title = `${title} – Reachable`
  }, [title])
  return (
    <>
      <PageOf phase={phase} view={view} texts={texts} act={act} />
      {room.end === null && <OwnStatus media={view.media} texts={texts} />}
    </>
  )
}

function PageOf({ phase, view, texts, act }: Props & { readonly phase: Phase }) {
  switch (phase.kind) {
    case 'lobby':
    case 'joining':
      return <Lobby view={view} texts={texts} act={act} />
    case 'waiting':
    case 'meeting':
      return <InRoom view={view} texts={texts} act={act} />
    case 'ended':
      return <Ended room={view.room} end={phase.why} texts={texts} act={act} />
  }
}
