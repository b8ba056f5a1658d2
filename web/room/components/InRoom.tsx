import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { initials } from '../../../components/initials.ts'
import { fill } from '../../page/fill.ts'
import { keepAwake } from '../../page/keep-awake.ts'
import { readClocks } from '../clocks.ts'
import { isHeard, isShared } from '../media.ts'
import type { RoomActions, RoomView } from '../open-room.ts'
import { callAge, otherHere, phaseOf } from '../room-reducer.ts'
import type { RoomTexts } from '../texts.ts'
import {
  deviceTroubles,
  durationMachine,
  durationWording,
  isAsking,
  nameIn,
  qualityWording,
  shortNameIn,
  statusWording,
} from '../wording.ts'
import { Controls, KeysHint } from './Controls.tsx'
import { DevicePickers } from './DevicePickers.tsx'
import { Icon } from './Icon.tsx'
import { Troubles } from './Lobby.tsx'
import { Picture, Sound } from './Picture.tsx'

interface Props {
  readonly view: RoomView
  readonly texts: RoomTexts
  readonly act: RoomActions
}

/** In the room: the other one, oneself, and what can be done. */
export function InRoom({ view, texts, act }: Props) {
  const { room, media, incoming, hasKeys } = view
  const now = readClocks()
  const name = nameIn(room, texts)
  const phase = phaseOf(room, now)
  const isMeeting = phase.kind === 'meeting'
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => heading.current?.focus(), [])
  useEffect(keepAwake, [])
  const [picksDevices, setPicksDevices] = useState(false)
  const audio = useRef<HTMLAudioElement>(null)
  const [silenced, setSilenced] = useState<MediaStreamTrack | null>(null)
  const own = media.screen ?? media.video
  return (
    <main class="in-room" data-phase={phase.kind}>
      <header class="bar">
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{name}</bdi>
        </h1>
        <Facts view={view} texts={texts} isMeeting={isMeeting} />
      </header>
      <div class="stage">
        <Other view={view} texts={texts} name={name} isMeeting={isMeeting} />
        {incoming.audio && <Sound track={incoming.audio} audio={audio} onSilenced={setSilenced} />}
        <div class="self">
          {own ? (
            <Picture track={own} label={texts.own.picture} mirrored={own !== media.screen} />
          ) : (
            <p>{texts.lobby.cameraIsOff}</p>
          )}
          {!isHeard(media) && <p class="badge">{texts.own.muted}</p>}
          {isShared(media) && <p class="badge">{texts.own.sharing}</p>}
        </div>
      </div>
      <p class="status" role="status">
        {[
          statusWording(room, texts, now),
          isStill(view) && isMeeting ? fill(texts.way.still, { name }) : '',
          isAsking(media) ? texts.lobby.asking : '',
        ]
          .filter((words) => words !== '')
          .join(' ')}
      </p>
      <footer class="foot">
        {silenced !== null && silenced === incoming.audio && (
          <div class="silenced" role="alert">
            <p>{fill(texts.controls.silenced, { name })}</p>
            <button type="button" class="button button--primary" onClick={() => playAgain(audio.current)}>
              <Icon name="sound" />
              {fill(texts.controls.hear, { name })}
            </button>
          </div>
        )}
        <Troubles troubles={deviceTroubles(view, texts)} />
        {picksDevices && (
          <div id="devices" class="devices">
            <DevicePickers media={media} texts={texts} choose={act.choose} />
          </div>
        )}
        <Controls media={media} texts={texts} act={act} isIn hasKeys={hasKeys}>
          <button
            type="button"
            class="button control"
            aria-expanded={picksDevices}
            aria-controls="devices"
            onClick={() => setPicksDevices(!picksDevices)}
          >
            <Icon name="devices" />
            <span class="control-label">{texts.controls.devices}</span>
          </button>
        </Controls>
        <KeysHint media={media} texts={texts} act={act} isIn hasKeys={hasKeys} />
      </footer>
    </main>
  )
}

/** In the press itself; where it is refused still, the button stays. */
const playAgain = (audio: HTMLAudioElement | null): void => void audio?.play().catch(() => undefined)

/** Whether the last picture that came is not how they are now. */
const isStill = ({ room, motion }: RoomView): boolean => room.way === 'connected' && motion === 'still'

interface PartProps extends Pick<Props, 'view' | 'texts'> {
  readonly isMeeting: boolean
}

/** The picture of the other one, or what stands for it, and what is known of them. */
function Other({ view, texts, name, isMeeting }: PartProps & { readonly name: string }) {
  const { room, incoming, motion } = view
  const { seen } = room
  // What they show is told by the server; while nothing proves that, pictures that come say it.
  const known = otherHere(room, readClocks())
  const isShown = known ? known.camera || known.sharing : motion === 'moving' || seen?.camera || seen?.sharing
  const short = { name: shortNameIn(room, texts) }
  const shows = isMeeting && seen !== null && isShown && incoming.video !== null
  return (
    <div class="other" data-frozen={room.way !== 'connected' || isStill(view)}>
      {shows && incoming.video ? (
        <Picture
          track={incoming.video}
          label={fill(seen.sharing ? texts.other.screen : texts.other.picture, { name })}
          whole={seen.sharing}
        />
      ) : (
        <div class="stand-in" aria-hidden="true">
          {initials(room.name ?? '')}
        </div>
      )}
      {isMeeting && known && (
        <ul class="badges">
          {known.sharing && <li class="badge">{fill(texts.other.sharing, short)}</li>}
          {!known.camera && !known.sharing && <li class="badge">{fill(texts.other.cameraOff, short)}</li>}
          {known.muted && <li class="badge">{fill(texts.other.muted, short)}</li>}
        </ul>
      )}
    </div>
  )
}

/** For how long, and how well; outside every live region: it is read when asked for, not each second. */
function Facts({ view, texts, isMeeting }: PartProps) {
  const { room, quality, relayed } = view
  const age = callAge(room, readClocks())
  return (
    <p class="facts">
      {isMeeting && room.way === 'connected' && (
        <span class="quality" data-quality={quality}>
          {qualityWording(quality, relayed, nameIn(room, texts), texts)}
        </span>
      )}
      {age !== null && (
        <time dateTime={durationMachine(age)} title={texts.time}>
          {durationWording(age)}
        </time>
      )}
    </p>
  )
}
