import { vi } from 'vitest'

type Kind = 'audio' | 'video'

/** A track of a device that there is not. */
export class FakeTrack {
  readonly kind: Kind
  readonly deviceId: string
  enabled = true
  readyState: 'live' | 'ended' = 'live'
  contentHint = ''
  muted = false
  onended: (() => void) | null = null
  onmute: (() => void) | null = null
  onunmute: (() => void) | null = null

  constructor(kind: Kind, deviceId: string) {
    this.kind = kind
    this.deviceId = deviceId
  }

  getSettings() {
    return { deviceId: this.deviceId }
  }

  stop(): void {
    this.readyState = 'ended'
  }

  /** As when the machine lets nothing of it through, or does so again. */
  silence(muted: boolean): void {
    this.muted = muted
    if (muted) this.onmute?.()
    else this.onunmute?.()
  }

  /** As when its device is pulled out. */
  end(): void {
    this.readyState = 'ended'
    this.onended?.()
  }
}

interface Plugged {
  readonly kind: Kind
  readonly id: string
  readonly label: string
}

interface Wanted {
  readonly deviceId?: { readonly ideal: string }
}

/** The devices of a machine, as a browser gives them: with leave, or not. */
export function fakeDevices(plugged: readonly Plugged[]) {
  let devices = plugged
  let hasLeave = false
  let onChange = () => {}
  const refusals = new Map<Kind | 'screen', string>()
  const tracks: FakeTrack[] = []
  const asked: string[] = []
  let gate: Promise<void> = Promise.resolve()

  const give = (kind: Kind, wanted: Wanted): FakeTrack => {
    const refusal = refusals.get(kind)
    if (refusal !== undefined) throw new DOMException('refused', refusal)
    const all = devices.filter((device) => device.kind === kind)
    const device = all.find(({ id }) => id === wanted.deviceId?.ideal) ?? all[0]
    if (!device) throw new DOMException('none', 'NotFoundError')
    return new FakeTrack(kind, device.id)
  }

  const streamOf = (given: readonly FakeTrack[]) => {
    tracks.push(...given)
    return { getTracks: () => given, getVideoTracks: () => given.filter(({ kind }) => kind === 'video') }
  }

  const media = {
    getUserMedia: async (wanted: { readonly audio?: Wanted; readonly video?: Wanted }) => {
      asked.push(Object.keys(wanted).join('+'))
      await gate
      const given = (['audio', 'video'] as const).flatMap((kind) =>
        wanted[kind] ? [give(kind, wanted[kind])] : [],
      )
      hasLeave = true
      return streamOf(given)
    },
    getDisplayMedia: async () => {
      asked.push('screen')
      await gate
      if (refusals.has('screen')) throw new DOMException('refused', refusals.get('screen'))
      return streamOf([new FakeTrack('video', 'screen')])
    },
    enumerateDevices: async () =>
      devices.map(({ kind, id, label }) => ({
        kind: `${kind}input`,
        deviceId: hasLeave ? id : '',
        label: hasLeave ? label : '',
      })),
    addEventListener: (_: string, run: () => void) => {
      onChange = run
    },
    removeEventListener: vi.fn(),
  }

  return {
    media: media as unknown as MediaDevices,
    tracks,
    /** What was asked for so far, by kinds. */
    asked,
    live: () => tracks.filter(({ readyState }) => readyState === 'live').map(({ deviceId }) => deviceId),
    refuse: (kind: Kind | 'screen', name: string) => void refusals.set(kind, name),
    allow: (kind: Kind | 'screen') => void refusals.delete(kind),
    /** What is asked for is given once the function that it gives is called. */
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    plug: (next: readonly Plugged[]) => {
      devices = next
      onChange()
    },
  }
}

export const headset = { kind: 'audio', id: 'headset', label: 'Headset' } as const
export const desk = { kind: 'audio', id: 'desk', label: 'Desk microphone' } as const
export const webcam = { kind: 'video', id: 'webcam', label: 'Webcam' } as const
