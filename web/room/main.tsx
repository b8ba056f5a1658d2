// Before what the page is made of, which says more of the same elements.
import '../../design/tokens.css'
import '../../design/base.css'

import { render } from 'preact'
import { RoomPage } from './components/RoomPage.tsx'
import { openRoom, type RoomView } from './open-room.ts'
import { readTexts } from './texts.ts'

const root = document.getElementById('room') ?? document.body
const texts = readTexts()
const room = location.pathname.split('/')[2] ?? ''
const ticket = new URLSearchParams(location.hash.slice(1)).get('t')

let view: RoomView | undefined
const draw = () => view && render(<RoomPage view={view} texts={texts} act={act} />, root)

const act = openRoom({
  room,
  ticket,
  onChange: (next) => {
    view = next
    // The first comes before there is anything that can be done.
    queueMicrotask(draw)
  },
})
