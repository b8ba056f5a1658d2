import type { Page } from '../page.ts'
import { type Colour, isColour } from './picture-file.ts'
import type { Watched } from './watch-peers.ts'

/** What arrives from the other one. */
export interface Arrived {
  readonly frames: number
  /** Of all sound so far: grows as long as there is any. */
  readonly energy: number
  readonly bytes: number
}

/** A page of a room, as whoever looks at it has it. Their page has to be opened with `watchPeers`. */
export function roomOn<P extends Page>(page: P) {
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const tryOut = button('Try camera and microphone')
  const join = button('Join')
  const cameraOff = button('Camera off')
  const theirColour = () => colourOf(page, '.other video')
  return {
    page,
    join,
    tryOut,
    /** Joins with a picture of the camera. */
    joinWithCamera: async () => {
      await tryOut.click()
      await cameraOff.waitFor()
      await join.click()
    },
    mute: button('Mute'),
    unmute: button('Unmute'),
    cameraOn: button('Camera on'),
    cameraOff,
    share: button('Share screen'),
    stopSharing: button('Stop sharing'),
    hangUp: button('Hang up'),
    quality: page.getByText(/^Connection: (good|fair|poor)/),
    /** What is said of the call at this moment. */
    status: async () => (await page.locator('.status').allInnerTexts()).join(' ').trim(),
    /** The colour in the middle of the picture of the other one; none where there is none yet. */
    theirColour,
    /** Whether that is this one. */
    sees: async (colour: Colour) => isColour(await theirColour(), colour),
    /** How long the bar is that shows how loud one's own microphone hears one, from 0 to 1. */
    loudness: () =>
      page.evaluate(() => {
        const bar = document.querySelector<HTMLElement>('.level-bar')
        return Number(bar?.style.getPropertyValue('--level') ?? 0)
      }),
    ownColour: () => colourOf(page, '.self video, .preview video'),
    arrived: () => page.evaluate(readArrived),
    /** How many of the tracks that were captured so far are live, and how many there were. */
    captured: () =>
      page.evaluate(() => {
        const tracks = (globalThis as typeof globalThis & Watched).watchedTracks
        return { all: tracks.length, live: tracks.filter(({ readyState }) => readyState === 'live').length }
      }),
    /** The peer connections so far: how each is. */
    peers: () =>
      page.evaluate(() =>
        (globalThis as typeof globalThis & Watched).watchedPeers.map(
          ({ connectionState, signalingState }) => `${connectionState} ${signalingState}`,
        ),
      ),
    /** By which ICE looks for a way now: others once it looks anew. */
    credentials: () =>
      page.evaluate(() => {
        const peer = (globalThis as typeof globalThis & Watched).watchedPeers.at(-1)
        return /^a=ice-ufrag:(\S+)/m.exec(peer?.currentLocalDescription?.sdp ?? '')?.[1] ?? ''
      }),
    /** Of which type are the ends of the way that is used. */
    wayTypes: () => page.evaluate(readWayTypes),
  }
}

export type RoomOnPage = ReturnType<typeof roomOn>

const colourOf = (page: Page, selector: string): Promise<readonly number[]> =>
  page.evaluate((css) => {
    const video = document.querySelector<HTMLVideoElement>(css)
    if (!video || video.videoWidth === 0) return []
    const canvas = document.createElement('canvas')
    canvas.width = 16
    canvas.height = 16
    const context = canvas.getContext('2d')
    if (!context) return []
    context.drawImage(video, 0, 0, 16, 16)
    return [...context.getImageData(8, 8, 1, 1).data].slice(0, 3)
  }, selector)

async function readArrived(): Promise<Arrived> {
  const peers = (globalThis as typeof globalThis & Watched).watchedPeers
  const report = await peers.at(-1)?.getStats()
  const totals = { frames: 0, energy: 0, bytes: 0 }
  for (const stats of (report as unknown as ReadonlyMap<string, Record<string, unknown>>)?.values() ?? []) {
    if (stats.type !== 'inbound-rtp') continue
    totals.frames += Number(stats.framesDecoded ?? 0)
    totals.energy += Number(stats.totalAudioEnergy ?? 0)
    totals.bytes += Number(stats.bytesReceived ?? 0)
  }
  return totals
}

async function readWayTypes(): Promise<readonly string[]> {
  const peers = (globalThis as typeof globalThis & Watched).watchedPeers
  const report = await peers.at(-1)?.getStats()
  const all = [...((report as unknown as ReadonlyMap<string, Record<string, unknown>>)?.values() ?? [])]
  const transport = all.find(({ type }) => type === 'transport')
  const pair = all.find(
    ({ id, type, selected }) =>
      type === 'candidate-pair' && (id === transport?.selectedCandidatePairId || selected === true),
  )
  return [pair?.localCandidateId, pair?.remoteCandidateId].map((id) =>
    String(all.find((stats) => stats.id === id)?.candidateType ?? ''),
  )
}
