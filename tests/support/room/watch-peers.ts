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
  const { mediaDevices } = navigator
  if (!mediaDevices) return
  for (const name of ['getUserMedia', 'getDisplayMedia'] as const) {
    const native = mediaDevices[name]?.bind(mediaDevices)
    if (!native) continue
    mediaDevices[name] = async (constraints?: object) => {
      const stream = await native(constraints)
      captured.push(...stream.getTracks())
      return stream
    }
  }
}

export interface Watched {
  watchedPeers: RTCPeerConnection[]
  watchedTracks: MediaStreamTrack[]
}
