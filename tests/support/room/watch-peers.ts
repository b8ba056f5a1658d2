/**
 * Runs in a page before its own scripts, and notes its peer connections and what it captures, by names that nothing else has:
 * the page itself hands them to nobody.
 */
export function watchPeers(): void {
  const page = globalThis as typeof globalThis & Partial<Watched>
  const peers: RTCPeerConnection[] = []
  const captured: MediaStreamTrack[] = []
  page.watchedPeers = peers
  page.watchedTracks = captured
  const Native = page.RTCPeerConnection
  page.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      peers.push(this)
    }
  }
  const devices = navigator.mediaDevices
  // Pages at no secure address have none.
  if (!devices) return
  const noting =
    <Words extends unknown[]>(ask: (...words: Words) => Promise<MediaStream>) =>
    async (...words: Words) => {
      const stream = await ask.apply(devices, words)
      captured.push(...stream.getTracks())
      return stream
    }
  devices.getUserMedia = noting(devices.getUserMedia)
  devices.getDisplayMedia = noting(devices.getDisplayMedia)
}

export interface Watched {
  watchedPeers: RTCPeerConnection[]
  watchedTracks: MediaStreamTrack[]
}
