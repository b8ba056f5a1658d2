import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type MeetingOptions, openMeeting } from '../../../web/room/meeting.ts'

beforeEach(() => vi.stubGlobal('MediaStream', class {}))
afterEach(() => void vi.unstubAllGlobals())

const trackOf = (kind: 'audio' | 'video', id: string) => ({ kind, id }) as unknown as MediaStreamTrack

const microphone = trackOf('audio', 'microphone')
const camera = trackOf('video', 'camera')
const screen = trackOf('video', 'screen')

/** One line of a connection, with what is sent on it. */
function line(kind: 'audio' | 'video', sent: MediaStreamTrack | null, direction: RTCRtpTransceiverDirection) {
  const sender = {
    track: sent,
    streams: 0,
    replaceTrack: async (track: MediaStreamTrack | null) => {
      sender.track = track
    },
    setStreams: () => {
      sender.streams += 1
    },
  }
  return { direction, sender, receiver: { track: { kind } } }
}

/** A connection of which only its lines are looked at; how two negotiate is tested elsewhere. */
function fakeConnection() {
  const lines: ReturnType<typeof line>[] = []
  let configuration: RTCConfiguration = {}
  let isClosed = false
  const peer = {
    signalingState: 'stable',
    connectionState: 'new',
    remoteDescription: null,
    localDescription: null as object | null,
    ontrack: null as ((event: { readonly track: object }) => void) | null,
    addTransceiver: (what: MediaStreamTrack | 'audio' | 'video', { direction }: RTCRtpTransceiverInit) => {
      const kind = typeof what === 'string' ? what : what.kind
      const sent = typeof what === 'string' ? null : what
      lines.push(line(kind === 'audio' ? 'audio' : 'video', sent, direction ?? 'sendrecv'))
    },
    getTransceivers: () => lines,
    // As a browser does with the lines of an offer: they are there to receive.
    setRemoteDescription: async () => {
      lines.push(line('audio', null, 'recvonly'), line('video', null, 'recvonly'))
      peer.signalingState = 'have-remote-offer'
    },
    setLocalDescription: async () => {
      peer.signalingState = 'stable'
      peer.localDescription = { type: 'answer', sdp: 'v=0' }
    },
    setConfiguration: (next: RTCConfiguration) => {
      configuration = next
    },
    close: () => {
      isClosed = true
      peer.signalingState = 'closed'
    },
  }
  return {
    peer,
    lines,
    sent: () => lines.map(({ sender }) => sender.track),
    configuration: () => configuration,
    isClosed: () => isClosed,
    connect: (given: RTCConfiguration) => {
      configuration = given
      return peer as unknown as RTCPeerConnection
    },
  }
}

function meeting(more: Partial<MeetingOptions> = {}) {
  const connection = fakeConnection()
  const send = vi.fn()
  const onIncoming = vi.fn()
  const opened = openMeeting({
    ...{ polite: false, relayOnly: false, outgoing: { audio: microphone, video: null } },
    ice: { servers: [{ urls: ['stun:stun.example'] }], goodFor: null },
    ...{ connect: connection.connect, send, onIncoming },
    ...{ askForServers: () => {}, onWay: () => {}, onBroken: () => {}, after: () => () => {} },
    ...more,
  })
  return { ...connection, opened, send, onIncoming }
}

test('RM11.2 RM13.1 the caller has a line for sound and one for pictures from the beginning, whatever there is to send, and what is sent changes in them', () => {
  const { lines, sent, opened } = meeting()
  expect(lines.map(({ direction, receiver }) => [receiver.track.kind, direction])).toEqual([
    ['audio', 'sendrecv'],
    ['video', 'sendrecv'],
  ])
  expect(sent()).toEqual([microphone, null])
  opened.setOutgoing({ audio: microphone, video: camera })
  expect(sent()).toEqual([microphone, camera])
  opened.setOutgoing({ audio: null, video: screen })
  expect(sent()).toEqual([null, screen])
  expect(lines).toHaveLength(2)
})

test('RM11.2 the callee has none of its own, and sends on those of the offer, both ways', async () => {
  const { lines, sent, opened, send } = meeting({
    polite: true,
    outgoing: { audio: microphone, video: camera },
  })
  expect(lines).toEqual([])
  opened.hear({ description: { type: 'offer', sdp: 'v=0' }, offer: 7 })
  await vi.waitFor(() =>
    expect(send).toHaveBeenCalledWith({ description: { type: 'answer', sdp: 'v=0' }, offer: 7 }),
  )
  expect(sent()).toEqual([microphone, camera])
  expect(lines.map(({ direction, sender }) => [direction, sender.streams])).toEqual([
    ['sendrecv', 1],
    ['sendrecv', 1],
  ])
})

test('RM5.2 by a relay alone where the server says so, and fresh servers change nothing of that', () => {
  const direct = meeting()
  expect(direct.configuration()).toEqual({
    ...{
      iceServers: [{ urls: ['stun:stun.example'] }],
      iceTransportPolicy: 'all',
      bundlePolicy: 'max-bundle',
    },
  })
  const { opened, configuration } = meeting({ relayOnly: true })
  expect(configuration().iceTransportPolicy).toBe('relay')
  const servers = [{ urls: ['turn:turn.example'], username: 'until', credential: 'proof' }]
  opened.useServers({ servers, goodFor: 600_000 })
  expect(configuration()).toMatchObject({ iceServers: servers, iceTransportPolicy: 'relay' })
})

test('RM12.4 what comes of the other one is told by kind, and nothing after the end', () => {
  const { peer, opened, onIncoming, isClosed } = meeting()
  const theirs = trackOf('audio', 'theirs')
  peer.ontrack?.({ track: theirs })
  peer.ontrack?.({ track: camera })
  expect(onIncoming.mock.calls).toEqual([
    [{ audio: theirs, video: null }],
    [{ audio: theirs, video: camera }],
  ])
  opened.close()
  expect([peer.ontrack, isClosed()]).toEqual([null, true])
})
