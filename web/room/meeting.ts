import type { RoomIce, RoomSignal } from '../../protocol/room.ts'
import { type Negotiation, negotiate, type Way } from './negotiation.ts'
import type { After } from './timers.ts'

/** What goes one way: nothing of a kind of which there is no track. */
export interface Tracks {
  readonly audio: MediaStreamTrack | null
  readonly video: MediaStreamTrack | null
}

export interface MeetingOptions {
  readonly polite: boolean
  readonly ice: RoomIce
  readonly relayOnly: boolean
  readonly outgoing: Tracks
  readonly connect: (configuration: RTCConfiguration) => RTCPeerConnection
  readonly send: (signal: RoomSignal) => void
  readonly askForServers: () => void
  readonly onWay: (way: Way) => void
  readonly onIncoming: (incoming: Tracks) => void
  readonly onBroken: (error: unknown) => void
  readonly after: After
}

export interface Meeting
  extends Pick<Negotiation, 'hear' | 'resume' | 'useServers' | 'lookAnew' | 'hurry' | 'close'> {
  /** Sends other tracks in the place of those before, for which nothing has to be negotiated. */
  readonly setOutgoing: (outgoing: Tracks) => void
  readonly getStats: () => Promise<RTCStatsReport>
}

/**
 * One peer connection between two pages, with one line for sound and one for pictures from its beginning to its end, in both
 * directions: whatever is muted, switched off or shared after that changes what is in them, and never how many there are.
 */
export function openMeeting(options: MeetingOptions): Meeting {
  const configured = ({ servers }: RoomIce): RTCConfiguration => ({
    iceServers: servers.map(({ urls, username, credential }) => ({
      urls,
      ...(username !== undefined && { username }),
      ...(credential !== undefined && { credential }),
    })),
    iceTransportPolicy: options.relayOnly ? 'relay' : 'all',
    bundlePolicy: 'max-bundle',
  })
  const peer = options.connect(configured(options.ice))
  /** Sound and picture of one stream are kept in step. */
  const stream = new MediaStream()
  let outgoing = options.outgoing
  let incoming: Tracks = { audio: null, video: null }

  const trackOf = ({ receiver }: RTCRtpTransceiver) =>
    receiver.track.kind === 'audio' ? outgoing.audio : outgoing.video

  function sendTracks(): void {
    // One that was stopped meanwhile is refused, and the next one comes at once.
    for (const transceiver of peer.getTransceivers())
      void transceiver.sender.replaceTrack(trackOf(transceiver)).catch(() => undefined)
  }

  peer.ontrack = ({ track }) => {
    incoming = { ...incoming, [track.kind === 'audio' ? 'audio' : 'video']: track }
    options.onIncoming(incoming)
  }

  const { polite, send, askForServers, onWay, onBroken, after } = options
  const negotiation = negotiate({
    ...{ peer, polite, send, askForServers, configured, onWay, onBroken, after },
    beforeAnswer: () => {
      for (const transceiver of peer.getTransceivers()) {
        transceiver.direction = 'sendrecv'
        transceiver.sender.setStreams?.(stream)
      }
      sendTracks()
    },
  })

  // Lines of both would be twice as many: the polite one takes those of the other.
  if (!polite) {
    for (const kind of ['audio', 'video'] as const)
      peer.addTransceiver(outgoing[kind] ?? kind, { direction: 'sendrecv', streams: [stream] })
  }

  return {
    ...negotiation,
    setOutgoing: (next) => {
      if (next.audio === outgoing.audio && next.video === outgoing.video) return
      outgoing = next
      sendTracks()
    },
    getStats: () => peer.getStats(),
    close: () => {
      peer.ontrack = null
      negotiation.close()
    },
  }
}
