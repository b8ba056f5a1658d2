import { isolated } from '../../messages/isolated.ts'
import { fill } from '../page/fill.ts'
import type { Instant } from './clocks.ts'
import type { DeviceUse, MediaView } from './media.ts'
import type { RoomView } from './open-room.ts'
import type { Quality } from './quality.ts'
import { absence, type End, isProven, otherHere, phaseOf, type Room } from './room-reducer.ts'
import type { RoomTexts } from './texts.ts'

/** What the other one is called in a sentence. */
export const nameIn = (room: Room, texts: RoomTexts): string =>
  room.name === null || room.name === '' ? texts.somebody : isolated(room.name)

/** So many characters of a name stand where there is little room. */
const longestShort = 24

/** The same where there is little room, and the whole name stands elsewhere. */
export function shortNameIn(room: Room, texts: RoomTexts): string {
  const characters = [...(room.name ?? '')]
  if (characters.length <= longestShort) return nameIn(room, texts)
  return isolated(
    `${characters
      .slice(0, longestShort - 1)
      .join('')
      .trimEnd()}…`,
  )
}

/** What is so of the other one, for whoever has not joined yet. */
export function thereWording(room: Room, texts: RoomTexts, now: Instant): string {
  const { there } = texts
  if (room.proof === null) return there.looking
  const name = nameIn(room, texts)
  if (!isProven(room, now)) return fill(there.server, { name })
  const state = otherHere(room, now)
  if (state) return fill(state.joined ? there.joined : there.door, { name })
  return fill(there[absence(room)], { name })
}

/** What is to be said of the call at this moment; '' where picture and sound say it. */
export function statusWording(room: Room, texts: RoomTexts, now: Instant): string {
  const phase = phaseOf(room, now)
  const name = nameIn(room, texts)
  switch (phase.kind) {
    case 'waiting':
      return fill(texts.waiting[phase.for], { name })
    case 'meeting':
      if (phase.way !== 'connected') return fill(texts.way[phase.way], { name })
      return isProven(room, now) ? '' : fill(texts.way.serverLost, { name })
    case 'lobby':
    case 'joining':
    case 'ended':
      return ''
  }
}

export const qualityWording = (
  quality: Quality,
  relayed: boolean,
  name: string,
  texts: RoomTexts,
): string => {
  const words = fill(texts.quality[quality], { name })
  return relayed && quality !== 'unknown' ? `${words}, ${texts.quality.relayed}` : words
}

type DevicesView = Pick<RoomView, 'media' | 'isSecure' | 'canMeet'>

/** Whether a device is waited for: the browser may be asking. */
export const isAsking = ({ microphone, camera }: MediaView): boolean =>
  microphone === 'asking' || camera === 'asking'

/** What stands in the way of being heard or seen, and what to do about it. */
export function deviceTroubles(
  { media, isSecure, canMeet }: DevicesView,
  texts: RoomTexts,
): readonly string[] {
  const { devices } = texts
  if (!canMeet) return [devices.noCalls]
  if (!isSecure) return [devices.insecure]
  const microphone: Partial<Record<DeviceUse, string>> = {
    none: devices.listener,
    blocked: devices.microphoneBlocked,
    busy: devices.microphoneBusy,
  }
  const camera: Partial<Record<DeviceUse, string>> = {
    none: devices.cameraNone,
    blocked: devices.cameraBlocked,
    busy: devices.cameraBusy,
  }
  const lost = {
    microphone: media.audio ? devices.microphoneReplaced : devices.microphoneLost,
    camera: media.video ? devices.cameraReplaced : devices.cameraLost,
  }
  return [
    media.lost && lost[media.lost],
    microphone[media.microphone],
    media.silenced.microphone && devices.microphoneSilenced,
    camera[media.camera],
    media.silenced.camera && devices.cameraSilenced,
  ].filter((text) => typeof text === 'string')
}

/** What is explained of an end; some need no word more. */
export function endWording(end: End, texts: RoomTexts): string | undefined {
  const { ended } = texts
  switch (end) {
    case 'hungUp':
    case 'otherHungUp':
      return undefined
    case 'over':
      return ended.overText
    case 'replaced':
    case 'elsewhere':
      return ended.replacedText
    case 'full':
      return ended.fullText
    case 'ticket':
      return ended.ticketText
    case 'trouble':
      return ended.troubleText
  }
}

/** `1:02:03`, or `2:03` in the first hour. @param milliseconds how long. */
export function durationWording(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000)
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** The same, as the `datetime` of a `time` element has it. */
export const durationMachine = (milliseconds: number): string => `PT${Math.floor(milliseconds / 1_000)}S`
