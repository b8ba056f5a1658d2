import { useEffect, useRef, useState } from 'preact/hooks'
import { isHeard, isSeen, isShared, type MediaView } from '../media.ts'
import type { RoomTexts } from '../texts.ts'

interface Props {
  readonly media: MediaView
  readonly texts: RoomTexts
}

/** What becomes of one's own sound, picture and screen, for who hears the page: each change as it happens, by keys too. */
export function OwnStatus({ media, texts: { own, lobby } }: Props) {
  const [words, setWords] = useState('')
  const now = {
    heard: isHeard(media) ? own.heard : own.muted,
    seen: isSeen(media) ? own.cameraOn : lobby.cameraIsOff,
    shared: isShared(media) ? own.sharing : own.notSharing,
  }
  const before = useRef(now)
  useEffect(() => {
    const { heard, seen, shared } = before.current
    before.current = now
    const changed = [
      now.heard !== heard && now.heard,
      now.seen !== seen && now.seen,
      now.shared !== shared && now.shared,
    ].filter((text) => text !== false)
    if (changed.length > 0) setWords(changed.join('. '))
  }, [now.heard, now.seen, now.shared])
  return (
    <p class="for-readers" role="status">
      {words}
    </p>
  )
}
