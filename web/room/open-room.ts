import { randomName } from '../page/random-name.ts'
import { readClocks } from './clocks.ts'
import { type DeviceKind, isHeard, isSeen, isShared, type MediaView, openMedia } from './media.ts'
import { type Meeting, openMeeting, type Tracks } from './meeting.ts'
import { openPulse } from './pulse.ts'
import { type Look, type Motion, motionBetween, type Quality, qualityBetween, readLook } from './quality.ts'
import { openRoomMemory } from './room-memory.ts'
import {
  atDoor,
  isStale,
  type Room,
  type RoomEffect,
  type RoomEvent,
  reduceRoom,
  shown,
} from './room-reducer.ts'
import { openRoomSocket } from './room-socket.ts'

/** All that a page draws. */
export interface RoomView {
  readonly room: Room
  readonly media: MediaView
  readonly incoming: Tracks
  readonly quality: Quality
  /** Of the other one's picture, while a way is there. */
  readonly motion: Motion
  /** Whether sound and picture go by a relay. */
  readonly relayed: boolean
  /** Whether this address is one at which a browser gives devices. */
  readonly isSecure: boolean
  /** Whether this browser makes peer connections at all. */
  readonly canMeet: boolean
  /** Whether keys do what buttons do. */
  readonly hasKeys: boolean
}

/** All that a person can do on it. */
export interface RoomActions {
  readonly tryOut: () => void
  readonly join: () => void
  /** Comes in without what Join still waits for. */
  readonly listen: () => void
  readonly setMuted: (muted: boolean) => void
  readonly setCamera: (on: boolean) => void
  readonly setSharing: (on: boolean) => void
  readonly choose: (kind: DeviceKind, id: string) => void
  /** Keeps it, too: whoever dictates would hang up by a word. */
  readonly setKeys: (on: boolean) => void
  readonly hangUp: () => void
  /** Comes in anew, in this window. */
  readonly comeAgain: () => void
}

export interface RoomOptions {
  /** The room's id, as it stands in the address. */
  readonly room: string
  readonly ticket: string | null
  readonly onChange: (view: RoomView) => void
}

/** How the way is looked at while there is one: every so many ms. */
const lookEvery = 2_000

/** Where it is kept that somebody wants no keys. */
const keysKey = 'reachable-room-keys'

const nothing: Tracks = { audio: null, video: null }

/** What is sent of what there is: a screen stands in for the camera. */
const outgoingOf = ({ audio, video, screen }: MediaView): Tracks => ({ audio, video: screen ?? video })

/** A browser that forbids a page to keep anything throws. */
function storageOf(read: () => Storage): Storage | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

const isReload = (): boolean =>
  performance.getEntriesByType('navigation').some((entry) => 'type' in entry && entry.type === 'reload')

/** Joins what decides, the connection to the server, the devices and the peer connection: one room in one page. */
export function openRoom({ room: id, ticket, onChange }: RoomOptions): RoomActions {
  let room: Room = atDoor
  let meeting: Meeting | undefined
  let incoming = nothing
  let quality: Quality = 'unknown'
  let motion: Motion = 'unknown'
  /** Whether their camera was on at the last look: of a screen on which nothing happens no picture has to come. */
  let showed = false
  let look: Look | null = null
  /** The credentials in whose place others were asked for. */
  let renewed: Room['ice'] = null
  const after = openPulse()
  const storage = storageOf(() => localStorage)
  const memory = openRoomMemory(id, { shared: storage, tab: storageOf(() => sessionStorage) }, Date.now)
  let hasKeys = storage?.getItem(keysKey) !== 'off'

  const media = openMedia({
    devices: navigator.mediaDevices,
    storage: storage ?? { getItem: () => null, setItem: () => {} },
    onChange: (view) => {
      meeting?.setOutgoing(outgoingOf(view))
      // A screen that is shared is what is seen, whatever the camera does.
      dispatch({ type: 'media', muted: !isHeard(view), camera: isSeen(view), sharing: isShared(view) })
    },
  })

  function draw(): void {
    onChange({
      ...{ room, incoming, quality, motion },
      media: media.view(),
      relayed: look?.relayed ?? false,
      // Some browsers are set to have no devices for any page, and some to have them for every one.
      isSecure: isSecureContext || navigator.mediaDevices !== undefined,
      canMeet: typeof RTCPeerConnection === 'function',
      hasKeys,
    })
  }

  function dispatch(event: RoomEvent): void {
    const step = reduceRoom(room, event, readClocks())
    room = step.room
    for (const effect of step.effects) act(effect)
    draw()
  }

  function meet({ epoch, polite, ice, relayOnly }: Extract<RoomEffect, { type: 'meet' }>): void {
    const isThis = () => room.meeting === epoch
    meeting = openMeeting({
      ...{ polite, ice, relayOnly, after },
      outgoing: outgoingOf(media.view()),
      connect: (configuration) => new RTCPeerConnection(configuration),
      send: (signal) => isThis() && socket.send({ type: 'signal', epoch, signal }),
      askForServers: () => socket.send({ type: 'ice' }),
      onWay: (way) => dispatch({ type: 'way', epoch, way }),
      onIncoming: (tracks) => {
        if (!isThis()) return
        incoming = tracks
        draw()
      },
      onBroken: (error) => {
        console.error(error)
        dispatch({ type: 'broken', epoch })
      },
    })
  }

  function part(): void {
    meeting?.close()
    meeting = undefined
    incoming = nothing
    quality = 'unknown'
    motion = 'unknown'
    showed = false
    look = null
  }

  function act(effect: RoomEffect) {
    switch (effect.type) {
      case 'send':
        return socket.send(effect.message)
      case 'capture':
        // Whether anything was had or refused, what came of it is in what is drawn.
        void media.capture().finally(() => dispatch({ type: 'captured' }))
        return
      case 'meet':
        return meet(effect)
      case 'part':
        return part()
      case 'hear':
        return meeting?.hear(effect.signal)
      case 'resume':
        return meeting?.resume(effect.own)
      case 'use-servers':
        return meeting?.useServers(effect.ice)
      case 'stop-media':
        return media.stop()
      case 'keep-seat':
        memory.keep(effect.side, effect.seat)
        // The ticket was spent: the address without it is one to come back by.
        if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search)
        return
      case 'forget-seat':
        return memory.forget()
      case 'begin-again':
        return socket.beginAgain()
      case 'leave':
        return socket.leave()
    }
  }

  const socket = openRoomSocket({
    address: new URL(`/rooms/${id}/socket`, location.href.replace(/^http/, 'ws')).href,
    ticket,
    readSeat: memory.read,
    state: () => shown(room),
    dispatch,
    open: (address) => new WebSocket(address),
    now: readClocks,
    after,
    random: Math.random,
    page: memory.pageName(isReload(), randomName),
    newPage: randomName,
  })

  async function lookAtWay(): Promise<void> {
    const looked = meeting
    if (!looked || room.way !== 'connected') return
    const report = (await looked.getStats()) as ReadonlyMap<string, Readonly<Record<string, unknown>>>
    if (looked !== meeting) return
    const next = readLook(report)
    const { seen } = room
    const expects = seen !== null && (!seen.muted || seen.camera || seen.sharing)
    quality = qualityBetween(look, next, expects)
    const shows = seen?.camera === true && !seen.sharing
    motion = motionBetween(look, next, showed && shows)
    showed = shows
    if (look && next.arrived > look.arrived) dispatch({ type: 'arrived' })
    look = next
    renewRelay()
    draw()
  }

  /** A way by a relay ends with the credentials that it was found by: another is looked for while it works. */
  function renewRelay(): void {
    const { ice, isOpen } = room
    if (!look?.relayed || !ice || !isOpen || ice === renewed || !isStale(ice, readClocks())) return
    renewed = ice
    meeting?.lookAnew()
  }

  function followWay(): void {
    after(lookEvery, () => {
      if (room.end) return
      void lookAtWay().catch(() => undefined)
      followWay()
    })
  }

  function setKeys(on: boolean): void {
    hasKeys = on
    try {
      storage?.setItem(keysKey, on ? 'on' : 'off')
    } catch {
      // Full: it is so for this page.
    }
    draw()
  }

  /** The network may be another one. */
  const onChangeOfNetwork = () => {
    socket.probe()
    meeting?.hurry()
  }
  addEventListener('online', onChangeOfNetwork)
  connectionOfNavigator()?.addEventListener('change', onChangeOfNetwork)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') socket.probe()
  })
  // No code of a browser's own says this, since proxies use them, too. Firefox closes every connection before it hides a page
  // that goes to another.
  addEventListener('beforeunload', socket.goAway)
  addEventListener('pagehide', () => socket.leave())
  // What a browser kept of a page that was left has no connection any more.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })

  followWay()
  draw()

  return {
    tryOut: () => void media.tryOut(),
    join: () => dispatch({ type: 'join' }),
    listen: () => {
      media.listen()
      dispatch({ type: 'captured' })
    },
    setMuted: (muted) => void media.setMuted(muted),
    setCamera: (on) => void media.setCamera(on),
    setSharing: (on) => void media.setSharing(on),
    choose: (kind, chosen) => void media.choose(kind, chosen),
    setKeys,
    hangUp: () => dispatch({ type: 'hang-up' }),
    comeAgain: () => location.reload(),
  }
}

/** Where a browser tells of the network that it uses. */
const connectionOfNavigator = (): EventTarget | undefined =>
  (navigator as Navigator & { readonly connection?: EventTarget }).connection
