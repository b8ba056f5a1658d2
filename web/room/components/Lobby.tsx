import { useLayoutEffect, useRef } from 'preact/hooks'
import { fill } from '../../page/fill.ts'
import { readClocks } from '../clocks.ts'
import type { RoomActions, RoomView } from '../open-room.ts'
import type { RoomTexts } from '../texts.ts'
import { deviceTroubles, isAsking, nameIn, thereWording } from '../wording.ts'
import { Controls, KeysHint } from './Controls.tsx'
import { DevicePickers } from './DevicePickers.tsx'
import { LevelMeter } from './LevelMeter.tsx'
import { Picture } from './Picture.tsx'

interface Props {
  readonly view: RoomView
  readonly texts: RoomTexts
  readonly act: RoomActions
}

/** Before Join: who is there, how one would be seen and heard, and nothing of it is sent. */
export function Lobby({ view, texts, act }: Props) {
  const { room, media, isSecure, canMeet, hasKeys } = view
  const { lobby } = texts
  const heading = useRef<HTMLHeadingElement>(null)
  // Not a button: whoever typed on as the page came up joins nothing by it.
  useLayoutEffect(() => heading.current?.focus(), [])
  const isJoining = room.joining === 'joining'
  const asks = isAsking(media)
  const isTried = [media.microphone, media.camera].some((use) => use !== 'untried' && use !== 'asking')
  return (
    <main class="card lobby">
      <p class="mark">
        <img src="/icon.svg" width="22" height="22" alt="" />
        Reachable
      </p>
      <h1 ref={heading} tabIndex={-1}>
        {fill(lobby.heading, { name: nameIn(room, texts) })}
      </h1>
      <p role="status">{thereWording(room, texts, readClocks())}</p>
      <p class="quiet">{lobby.opening}</p>
      {media.video ? (
        <div class="preview">
          <Picture track={media.video} label={lobby.preview} mirrored />
        </div>
      ) : (
        isTried && <p class="preview preview--dark">{lobby.cameraIsOff}</p>
      )}
      {media.audio && <LevelMeter track={media.audio} label={lobby.loudness} />}
      <Troubles troubles={deviceTroubles(view, texts)} />
      <p class="asking" role="status">
        {asks ? lobby.asking : isJoining && lobby.joining}
      </p>
      {!isTried && !asks && isSecure && canMeet && (
        <button type="button" class="button button--wide" onClick={act.tryOut}>
          {lobby.tryOut}
        </button>
      )}
      {canMeet && (
        <button
          type="button"
          class="button button--primary button--wide"
          aria-disabled={isJoining}
          onClick={() => !isJoining && act.join()}
        >
          {isJoining ? lobby.joining : lobby.join}
        </button>
      )}
      {isJoining && asks && (
        <button type="button" class="button button--wide" onClick={act.listen}>
          {lobby.listen}
        </button>
      )}
      {isTried && <Controls media={media} texts={texts} act={act} isIn={false} hasKeys={hasKeys} />}
      {isTried && <DevicePickers media={media} texts={texts} choose={act.choose} />}
      {isTried ? (
        <KeysHint media={media} texts={texts} act={act} isIn={false} hasKeys={hasKeys} />
      ) : (
        <p class="leave">
          <button type="button" class="link" onClick={act.hangUp}>
            {texts.controls.hangUp}
          </button>
        </p>
      )}
    </main>
  )
}

/** What is wrong with devices, said once each. */
export const Troubles = ({ troubles }: { readonly troubles: readonly string[] }) => (
  <div class="troubles" role="status">
    {troubles.map((text) => (
      <p key={text}>{text}</p>
    ))}
  </div>
)
