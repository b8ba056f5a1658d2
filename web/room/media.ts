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
  readonly sharing: boolean
  /** Whether this browser can share a screen: those of phones cannot. */
  readonly canShare: boolean
  /** A device that was in use is gone, and another one has its place, or none; until the person does something about devices. */
  readonly lost: DeviceKind | null
  readonly audio: MediaStreamTrack | null
  /** Of the camera. */
  readonly video: MediaStreamTrack | null
  readonly screen: MediaStreamTrack | null
}

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
  /** Who has no microphone yet, and is to be heard, is asked for one. */
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
    sharing: false,
    canShare: typeof devices?.getDisplayMedia === 'function',
    lost: null,
    audio: null,
    video: null,
    screen: null,
  }
  let isOver = false
  /** What is asked for is asked for one after the other: a browser shows one question at a time. */
  let last: Promise<unknown> = Promise.resolve()

  function change(next: Partial<MediaView>): void {
    view = { ...view, ...next }
    onChange(view)
  }

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

  /** @throws as `getUserMedia` does. */
  async function ask(kinds: readonly DeviceKind[]): Promise<void> {
    if (!devices) throw new DOMException('This page is at no secure address', 'NotAllowedError')
    const stream = await devices.getUserMedia({
      ...(kinds.includes('microphone') && {
        audio: constraintsOf('microphone', preferences.microphoneId),
      }),
      ...(kinds.includes('camera') && { video: constraintsOf('camera', preferences.cameraId) }),
    })
    if (isOver) {
      for (const track of stream.getTracks()) track.stop()
      return
    }
    for (const track of stream.getTracks()) take(track.kind === 'audio' ? 'microphone' : 'camera', track)
  }

  function take(kind: DeviceKind, track: MediaStreamTrack) {
    letGo(kind)
    const id = track.getSettings().deviceId ?? null
    const chosen = { ...view.chosen, [kind]: id }
    // Nobody stops a track of ours but its device, or whoever takes leave away.
    track.onended = () => void inTurn(() => replaceLost(kind))
    if (kind === 'microphone') {
      track.enabled = !view.muted
      return change({ audio: track, microphone: 'on', chosen })
    }
    track.contentHint = 'motion'
    change({ video: track, camera: 'on', chosen })
  }

  function letGo(kind: DeviceKind): void {
    const track = kind === 'microphone' ? view.audio : view.video
    if (!track) return
    track.onended = null
    track.stop()
    change(kind === 'microphone' ? { audio: null } : { video: null })
  }

  /** Asks for devices; where a browser gives not all at once, for one after the other. */
  async function acquire(kinds: readonly DeviceKind[]): Promise<void> {
    const wanted = kinds.filter((kind) => (kind === 'microphone' ? view.audio : view.video) === null)
    if (wanted.length === 0) return
    change(Object.fromEntries(wanted.map((kind) => [kind, 'asking'])))
    try {
      await ask(wanted)
    } catch (error) {
      if (wanted.length === 1) fail(wanted, error)
      else for (const kind of wanted) await ask([kind]).catch((why: unknown) => fail([kind], why))
    }
    // Their names are told once there is leave.
    await list()
  }

  const fail = (kinds: readonly DeviceKind[], error: unknown) =>
    isOver ? undefined : change(Object.fromEntries(kinds.map((kind) => [kind, whyNot(error)])))

  async function replaceLost(kind: DeviceKind): Promise<void> {
    letGo(kind)
    change({ lost: kind })
    await acquire([kind])
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
    screen.onended = null
    screen.stop()
    change({ screen: null, sharing: false })
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
    setMuted: async (muted) => {
      if (isOver) return
      if (view.audio) view.audio.enabled = !muted
      change({ muted, lost: null })
      if (!muted) await inTurn(() => acquire(['microphone']))
    },
    setCamera: (on) =>
      inTurn(async () => {
        change({ lost: null })
        if (on) {
          await acquire(['camera'])
          if (view.video) prefer({ camera: true })
          return
        }
        letGo('camera')
        change({ camera: 'off' })
        prefer({ camera: false })
      }),
    choose: (kind, id) =>
      inTurn(async () => {
        prefer(kind === 'microphone' ? { microphoneId: id } : { cameraId: id })
        change({ chosen: { ...view.chosen, [kind]: id }, lost: null })
        if ((kind === 'microphone' ? view.audio : view.video) === null) return
        letGo(kind)
        await acquire([kind])
      }),
    setSharing: (on) =>
      inTurn(async () => {
        endSharing()
        if (!on || !devices) return
        // Who changes their mind in the browser's own question has said no.
        const stream = await devices
          .getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false })
          .catch(() => null)
        const track = stream?.getVideoTracks()[0]
        if (!track) return
        if (isOver) return track.stop()
        track.contentHint = 'detail'
        track.onended = endSharing
        change({ screen: track, sharing: true })
      }),
    stop: () => {
      if (isOver) return
      isOver = true
      devices?.removeEventListener?.('devicechange', onDeviceChange)
      for (const track of [view.audio, view.video, view.screen])
        if (track) {
          track.onended = null
          track.stop()
        }
      view = { ...view, audio: null, video: null, screen: null, sharing: false }
      onChange(view)
    },
  }
}
