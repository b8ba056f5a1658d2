/** How it stands with a microphone or a camera; `busy` is one that another program has. */
export type DeviceUse = 'untried' | 'asking' | 'on' | 'off' | 'none' | 'blocked' | 'busy'

export type DeviceKind = 'microphone' | 'camera'

export interface Device {
  readonly id: string
  /** '' where the browser tells none before it has given leave. */
  readonly label: string
}

/** What this side has, and what of it is wanted. */
export interface MediaView {
  readonly microphone: DeviceUse
  readonly camera: DeviceUse
  readonly microphones: readonly Device[]
  readonly cameras: readonly Device[]
  /** The ids of the devices in use, or chosen. */
  readonly chosen: Readonly<Record<DeviceKind, string | null>>
  readonly muted: boolean
  /** Whether this browser can share a screen: those of phones cannot. */
  readonly canShare: boolean
  /** A device that was in use is gone, and another one has its place, or none; until the person does something about devices. */
  readonly lost: DeviceKind | null
  /** The machine or the browser lets nothing of it through, though it is on: by a key or a switch, say, or for a call by phone. */
  readonly silenced: Readonly<Record<DeviceKind, boolean>>
  readonly audio: MediaStreamTrack | null
  /** Of the camera. */
  readonly video: MediaStreamTrack | null
  readonly screen: MediaStreamTrack | null
}

/** Whether any sound of theirs can come through. */
export const isHeard = ({ audio, muted, silenced }: MediaView): boolean =>
  audio !== null && !muted && !silenced.microphone

/** Whether any picture of their camera can. */
export const isSeen = ({ video, silenced }: MediaView): boolean => video !== null && !silenced.camera

export const isShared = ({ screen }: MediaView): boolean => screen !== null

/** Kept from one room to the next. */
interface Preferences {
  /** As the person left it; the first time it is off. */
  readonly camera: boolean
  readonly microphoneId: string | null
  readonly cameraId: string | null
}

export interface MediaOptions {
  /** Undefined where the page is not at a secure address. */
  readonly devices: MediaDevices | undefined
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
  readonly onChange: (view: MediaView) => void
}

export interface Media {
  readonly view: () => MediaView
  /** Asks for both, to be looked at and listened to before Join. */
  readonly tryOut: () => Promise<void>
  /** Asks for what is to be sent and is not there yet. Resolves once it is had or refused. */
  readonly capture: () => Promise<void>
  /** Waits no longer for what is asked for: a microphone that is given after that is muted, and a camera is let go of. */
  readonly listen: () => void
  /** Who is to be heard and has no microphone yet, or one that the machine silences, is asked for one. */
  readonly setMuted: (muted: boolean) => Promise<void>
  /** A camera that is off is let go of, and its lamp goes out. */
  readonly setCamera: (on: boolean) => Promise<void>
  readonly choose: (kind: DeviceKind, id: string) => Promise<void>
  readonly setSharing: (on: boolean) => Promise<void>
  /** Everything that is captured, and whatever still comes, stops for good. */
  readonly stop: () => void
}

const key = 'reachable-room-devices'

function readPreferences(storage: MediaOptions['storage']): Preferences {
  const none = { camera: false, microphoneId: null, cameraId: null }
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return none
    const { camera, microphoneId, cameraId } = kept as Record<string, unknown>
    const idOf = (value: unknown) => (typeof value === 'string' ? value : null)
    return { camera: camera === true, microphoneId: idOf(microphoneId), cameraId: idOf(cameraId) }
  } catch {
    return none
  }
}

/** Why a device was not given, by the names of https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia. */
function whyNot(error: unknown): 'none' | 'blocked' | 'busy' {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'blocked'
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'none'
}

/** This side's microphone, camera and screen. It asks for nothing by itself. */
export function openMedia({ devices, storage, onChange }: MediaOptions): Media {
  let preferences = readPreferences(storage)
  let view: MediaView = {
    microphone: 'untried',
    camera: 'untried',
    microphones: [],
    cameras: [],
    chosen: { microphone: preferences.microphoneId, camera: preferences.cameraId },
    muted: false,
    canShare: typeof devices?.getDisplayMedia === 'function',
    lost: null,
    silenced: { microphone: false, camera: false },
    audio: null,
    video: null,
    screen: null,
  }
  let isOver = false
  /** What is asked for is asked for one after the other: a browser shows one question at a time. What is let go of waits for none. */
  let last: Promise<unknown> = Promise.resolve()
  /** How often each was switched off, which a microphone never is: what was asked for before that is not wanted when it comes. */
  const offs = { microphone: 0, camera: 0, screen: 0 }

  function change(next: Partial<MediaView>): void {
    view = { ...view, ...next }
    onChange(view)
  }

  const trackOf = (kind: DeviceKind): MediaStreamTrack | null =>
    kind === 'microphone' ? view.audio : view.video

  function prefer(next: Partial<Preferences>): void {
    preferences = { ...preferences, ...next }
    try {
      storage.setItem(key, JSON.stringify(preferences))
    } catch {
      // A browser that keeps nothing asks again the next time.
    }
  }

  function inTurn(act: () => Promise<void>): Promise<void> {
    const next = last.then(async () => {
      if (!isOver) await act()
    })
    last = next.catch(() => undefined)
    return next
  }

  async function list(): Promise<void> {
    const all = (await devices?.enumerateDevices().catch(() => [])) ?? []
    if (isOver) return
    const of = (kind: MediaDeviceKind): readonly Device[] =>
      all
        .filter((device) => device.kind === kind)
        .map(({ deviceId, label }) => ({ id: deviceId, label }))
        .filter(({ id }) => id !== '')
    change({ microphones: of('audioinput'), cameras: of('videoinput') })
  }

  const constraintsOf = (kind: DeviceKind, id: string | null): MediaTrackConstraints => ({
    // Wanted, not demanded: one that is gone is no reason to have none.
    ...(id !== null && { deviceId: { ideal: id } }),
    ...(kind === 'camera' && { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } }),
  })

  /** @returns whether this is still wanted, asked at any later time. */
  function wantedFromNow(what: keyof typeof offs): () => boolean {
    const before = offs[what]
    return () => !isOver && offs[what] === before
  }

  /** @throws as `getUserMedia` does. */
  async function ask(
    kinds: readonly DeviceKind[],
    isWanted: Readonly<Record<DeviceKind, () => boolean>>,
  ): Promise<void> {
    if (!devices) throw new DOMException('This page is at no secure address', 'NotAllowedError')
    const stream = await devices.getUserMedia({
      ...(kinds.includes('microphone') && {
        audio: constraintsOf('microphone', preferences.microphoneId),
      }),
      ...(kinds.includes('camera') && { video: constraintsOf('camera', preferences.cameraId) }),
    })
    for (const track of stream.getTracks()) {
      const kind = track.kind === 'audio' ? 'microphone' : 'camera'
      if (isWanted[kind]()) take(kind, track)
      else track.stop()
    }
  }

  function take(kind: DeviceKind, track: MediaStreamTrack) {
    letGo(kind)
    const id = track.getSettings().deviceId ?? null
    const chosen = { ...view.chosen, [kind]: id }
    // Nobody stops a track of ours but its device, or whoever takes leave away.
    track.onended = () => replaceLost(kind)
    const silenced = () => ({ ...view.silenced, [kind]: track.muted })
    track.onmute = () => change({ silenced: silenced() })
    track.onunmute = track.onmute
    if (kind === 'microphone') {
      track.enabled = !view.muted
      return change({ audio: track, microphone: 'on', chosen, silenced: silenced() })
    }
    track.contentHint = 'motion'
    change({ video: track, camera: 'on', chosen, silenced: silenced() })
  }

  function letGo(kind: DeviceKind): void {
    const track = trackOf(kind)
    if (!track) return
    end(track)
    const silenced = { ...view.silenced, [kind]: false }
    change(kind === 'microphone' ? { audio: null, silenced } : { video: null, silenced })
  }

  function end(track: MediaStreamTrack): void {
    track.onended = null
    track.onmute = null
    track.onunmute = null
    track.stop()
  }

  /** Asks for devices; where a browser gives not all at once, for one after the other. */
  async function acquire(kinds: readonly DeviceKind[]): Promise<void> {
    const isWanted = { microphone: wantedFromNow('microphone'), camera: wantedFromNow('camera') }
    const missing = kinds.filter((kind) => trackOf(kind) === null)
    if (missing.length === 0) return
    change(Object.fromEntries(missing.map((kind) => [kind, 'asking'])))
    const fail = (kind: DeviceKind, error: unknown) => isWanted[kind]() && change({ [kind]: whyNot(error) })
    try {
      await ask(missing, isWanted)
    } catch (error) {
      for (const kind of missing)
        if (missing.length === 1) fail(kind, error)
        else if (isWanted[kind]()) await ask([kind], isWanted).catch((why: unknown) => fail(kind, why))
    }
    // Their names are told once there is leave.
    await list()
  }

  function replaceLost(kind: DeviceKind): void {
    letGo(kind)
    change({ lost: kind, [kind]: 'asking' })
    const isWanted = wantedFromNow(kind)
    void inTurn(async () => {
      if (isWanted()) await acquire([kind])
    })
  }

  async function followDevices(): Promise<void> {
    await list()
    if (isOver) return
    // A device that is plugged in is what a listener waited for.
    if (view.microphone === 'none' && view.microphones.length > 0) change({ microphone: 'untried' })
    if (view.camera === 'none' && view.cameras.length > 0) change({ camera: 'untried' })
  }

  function endSharing(): void {
    const { screen } = view
    if (!screen) return
    end(screen)
    change({ screen: null })
  }

  const onDeviceChange = () => void followDevices()
  devices?.addEventListener?.('devicechange', onDeviceChange)

  return {
    view: () => view,
    tryOut: () => inTurn(() => acquire(['microphone', 'camera'])),
    capture: () =>
      inTurn(async () => {
        await acquire(preferences.camera ? ['microphone', 'camera'] : ['microphone'])
        if (isOver) return
        if (view.camera === 'untried') change({ camera: 'off' })
        // What was tried out and is on is sent: it is what the person saw as they joined.
        if (view.video) prefer({ camera: true })
      }),
    listen: () => {
      if (isOver) return
      if (view.audio === null) change({ muted: true })
      if (view.video !== null) return
      offs.camera += 1
      if (view.camera === 'asking') change({ camera: 'off' })
    },
    setMuted: async (muted) => {
      if (isOver) return
      if (view.audio) view.audio.enabled = !muted
      change({ muted, lost: null })
      if (muted) return
      await inTurn(async () => {
        // What a phone silenced for a call may stay silent for good: only one that is had anew is heard.
        if (view.silenced.microphone && !view.muted) letGo('microphone')
        await acquire(['microphone'])
      })
    },
    setCamera: async (on) => {
      if (isOver) return
      change({ lost: null })
      if (on) {
        const isWanted = wantedFromNow('camera')
        return inTurn(async () => {
          if (isWanted()) await acquire(['camera'])
          if (view.video) prefer({ camera: true })
        })
      }
      offs.camera += 1
      letGo('camera')
      change({ camera: 'off' })
      prefer({ camera: false })
    },
    choose: (kind, id) =>
      inTurn(async () => {
        prefer(kind === 'microphone' ? { microphoneId: id } : { cameraId: id })
        change({ chosen: { ...view.chosen, [kind]: id }, lost: null })
        if (trackOf(kind) === null) return
        letGo(kind)
        await acquire([kind])
      }),
    setSharing: async (on) => {
      if (!on) {
        offs.screen += 1
        return endSharing()
      }
      const isWanted = wantedFromNow('screen')
      await inTurn(async () => {
        // Who pressed twice while another question was open is asked once.
        if (!devices || view.screen || !isWanted()) return
        // Who changes their mind in the browser's own question has said no.
        const stream = await devices
          .getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false })
          .catch(() => null)
        const track = stream?.getVideoTracks()[0]
        if (!track) return
        if (!isWanted()) return track.stop()
        track.contentHint = 'detail'
        track.onended = endSharing
        change({ screen: track })
      })
    },
    stop: () => {
      if (isOver) return
      isOver = true
      devices?.removeEventListener?.('devicechange', onDeviceChange)
      for (const track of [view.audio, view.video, view.screen]) if (track) end(track)
      view = { ...view, audio: null, video: null, screen: null }
      onChange(view)
    },
  }
}
