import { render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeEach, vi } from 'vitest'
import { roomInEnglish } from '../../../server/locales/room/en.ts'
import { RoomPage } from '../../../web/room/components/RoomPage.tsx'
import type { MediaView } from '../../../web/room/media.ts'
import type { RoomActions, RoomView } from '../../../web/room/open-room.ts'
import { atDoor, type Room } from '../../../web/room/room-reducer.ts'

export const untried: MediaView = {
  ...{ microphone: 'untried', camera: 'untried', microphones: [], cameras: [] },
  ...{ chosen: { microphone: null, camera: null }, muted: false, canShare: true, lost: null },
  ...{ audio: null, video: null, screen: null, silenced: { microphone: false, camera: false } },
}

export const trackOf = (kind: 'audio' | 'video', id = kind): MediaStreamTrack =>
  ({ kind, id, readyState: 'live' }) as unknown as MediaStreamTrack

/** Devices that are in use. */
export const inUse: MediaView = {
  ...untried,
  ...{ microphone: 'on', camera: 'on', audio: trackOf('audio'), video: trackOf('video') },
}

const nowOnBothClocks = () => ({ mono: performance.now(), wall: Date.now() })

/** A room into which this page was let at this moment. */
export const letIn = (more: Partial<Room> = {}): Room => ({
  ...atDoor,
  isOpen: true,
  name: 'Ben Sample',
  epoch: 2,
  proof: { from: nowOnBothClocks(), leaseMs: 6_000 },
  call: { agoMs: 65_000, at: nowOnBothClocks() },
  ...more,
})

/** Both are in it, and see each other. */
export function meeting(more: Partial<Room> = {}): Room {
  const state = { joined: true, muted: false, camera: true, sharing: false }
  const other = { state, leftMs: 6_000, connection: 1, from: nowOnBothClocks() }
  const found = { meeting: 2, way: 'connected', arrived: nowOnBothClocks() } as const
  return letIn({ joining: 'joined', other, seen: state, isMet: true, ...found, ...more })
}

const viewOf = (room: Room, more: Partial<RoomView>): RoomView => ({
  room,
  media: untried,
  incoming: { audio: null, video: null },
  quality: 'good',
  motion: 'moving',
  relayed: false,
  isSecure: true,
  canMeet: true,
  hasKeys: true,
  ...more,
})

let root: HTMLElement | undefined

/** Draws a room's page, or draws it again. @returns what was asked of it. */
export async function drawRoom(room: Room, more: Partial<RoomView> = {}) {
  const acts = {
    ...{
      tryOut: vi.fn(),
      join: vi.fn(),
      listen: vi.fn(),
      setMuted: vi.fn(),
      setCamera: vi.fn(),
      setSharing: vi.fn(),
    },
    ...{ choose: vi.fn(), setKeys: vi.fn(), hangUp: vi.fn(), comeAgain: vi.fn() },
  } satisfies RoomActions
  const into = root ?? document.body.appendChild(document.createElement('div'))
  root = into
  await act(() => render(<RoomPage view={viewOf(room, more)} texts={roomInEnglish} act={acts} />, into))
  return acts
}

/** A stream that only holds tracks, sound that is played once `plays` says so, and a meter of silence. */
export const plays = vi.fn<() => Promise<void>>()

beforeEach(() => {
  plays.mockReset().mockResolvedValue()
  vi.stubGlobal(
    'MediaStream',
    class {
      readonly tracks: readonly MediaStreamTrack[]
      constructor(tracks: readonly MediaStreamTrack[] = []) {
        this.tracks = tracks
      }
    },
  )
  vi.stubGlobal(
    'AudioContext',
    class {
      createMediaStreamSource = () => ({ connect: () => {} })
      createAnalyser = () => ({ fftSize: 0, getFloatTimeDomainData: () => {} })
      resume = async () => {}
      close = async () => {}
    },
  )
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
    configurable: true,
    writable: true,
    value: null,
  })
  Object.defineProperty(HTMLMediaElement.prototype, 'play', {
    configurable: true,
    async value(this: HTMLMediaElement) {
      await plays()
      this.dispatchEvent(new Event('playing'))
    },
  })
})

afterEach(async () => {
  await act(() => root && render(null, root))
  root?.remove()
  root = undefined
  vi.unstubAllGlobals()
})

/** What is read, without the marks that keep a name's direction to itself. */
export const text = (): string => document.body.textContent ?? ''

export function button(name: string): HTMLButtonElement {
  const all = [...document.querySelectorAll('button')]
  const found = all.find((one) => one.textContent?.trim() === name)
  if (!found) throw new Error(`no button “${name}” among ${all.map((one) => one.textContent).join(', ')}`)
  return found
}

export const buttons = (): readonly string[] =>
  [...document.querySelectorAll('button')].map((one) => one.textContent?.trim() ?? '')

export const click = (name: string): Promise<void> => act(() => button(name).click())

/** Presses a key on the page, or on an element of it. */
export const press = (
  key: string,
  more: KeyboardEventInit = {},
  on: Element = document.body,
): Promise<void> =>
  act(() => {
    on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
  })

/** What a screen reader is told by itself. */
export const said = (): readonly string[] =>
  [...document.querySelectorAll('[role=status], [role=alert]')]
    .map((one) => one.textContent?.trim() ?? '')
    .filter((words) => words !== '')
