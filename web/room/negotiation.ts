import type { RoomIce, RoomSignal } from '../../protocol/room.ts'
import type { After } from './timers.ts'

/** How the way of sound and picture to the other one stands; `mending` since it is broken, and for as long as it is. */
export type Way = 'connecting' | 'connected' | 'disturbed' | 'mending'

/** A way that is disturbed for longer is mended, in ms. */
export const disturbedFor = 3_000

/** Nobody waits longer for fresh ICE servers, in ms: those of before may do, and the server may be what is gone. */
export const serversWithin = 1_000

/** A way that an attempt has not mended by then is mended anew, in ms. */
export const mendedWithin = 6_000

/** A way that was never there is looked for anew after this, in ms: relays that have to be found may take seconds. */
export const connectedWithin = 10_000

/** An offer that has no answer by then is said again, in ms: also while an old way works, which nothing else would mend. */
const answeredWithin = 6_000

export interface NegotiationOptions {
  /** Of its own: nobody else changes its descriptions. */
  readonly peer: RTCPeerConnection
  /** Whether this side gives way where both offer at once. */
  readonly polite: boolean
  readonly send: (signal: RoomSignal) => void
  /** Asks for fresh ICE servers, which come by `useServers`; or do not. */
  readonly askForServers: () => void
  /** What the connection is made with, and these servers. */
  readonly configured: (ice: RoomIce) => RTCConfiguration
  /** Called between an offer of the other one and the answer to it. */
  readonly beforeAnswer: () => void
  readonly onWay: (way: Way) => void
  /** A description could not be used: this connection comes to nothing any more. */
  readonly onBroken: (error: unknown) => void
  readonly after: After
}

export interface Negotiation {
  readonly hear: (signal: RoomSignal) => void
  /**
   * Signals may have been lost either way: an offer that waits for its answer is said again. `own` says that it is this
   * side's connection that was made anew, as after a change of network: then the way is looked for anew, too, which
   * leaves one that still works as it is until a better one is found.
   */
  readonly resume: (own: boolean) => void
  readonly useServers: (ice: RoomIce) => void
  /** Looks for the way anew by fresh servers, and leaves one that works as it is until then. */
  readonly lookAnew: () => void
  /** Something is known to have changed: a way that is not sound is mended now, and not in three seconds. */
  readonly hurry: () => void
  readonly close: () => void
}

/**
 * The perfect-negotiation pattern of the W3C (https://www.w3.org/TR/webrtc/#perfect-negotiation-example), for one peer
 * connection, over a way on which signals keep their order and can be lost. So each offer has a number, and an answer that
 * of its offer: one that was said twice is answered twice, and only the answer to the last one counts.
 */
export function negotiate(options: NegotiationOptions): Negotiation {
  const { peer, polite, send } = options
  let offers = 0
  /** The newest offer of the other one that was answered. */
  let answered = 0
  let makingOffer = false
  let heard: Promise<void> = Promise.resolve()
  let callOffSayingAgain = () => {}
  const way = lookAfterWay(options)
  const isClosed = () => peer.signalingState === 'closed'

  peer.onnegotiationneeded = async () => {
    // What is made in any other state is no offer, and whoever brought it there says what it is.
    if (peer.signalingState !== 'stable') return
    makingOffer = true
    try {
      await peer.setLocalDescription()
      offers += 1
      sendOffer()
    } catch (error) {
      if (!isClosed()) options.onBroken(error)
    } finally {
      makingOffer = false
    }
  }

  peer.onicecandidate = ({ candidate }) => {
    if (candidate === null) return
    const { candidate: line, sdpMid, sdpMLineIndex, usernameFragment } = candidate
    send({ candidate: { candidate: line, sdpMid, sdpMLineIndex, usernameFragment } })
  }

  /** One that waits for its answer may have been lost, or the answer. */
  function sayOfferAgain(): void {
    if (!makingOffer) sendOffer()
  }

  function sendOffer(): void {
    // An offer of the other one may have taken its place meanwhile.
    const { signalingState, localDescription } = peer
    if (signalingState !== 'have-local-offer' || localDescription?.type !== 'offer') return
    send({ description: { type: 'offer', sdp: localDescription.sdp }, offer: offers })
    callOffSayingAgain()
    callOffSayingAgain = options.after(answeredWithin, sayOfferAgain)
  }

  async function takeOffer(sdp: string, offer: number): Promise<void> {
    const collides = makingOffer || peer.signalingState !== 'stable'
    if (collides && !polite) return
    // The first one has the time that a way which was never there has.
    const isRestart = offer > answered && peer.remoteDescription !== null
    await peer.setRemoteDescription({ type: 'offer', sdp })
    options.beforeAnswer()
    await peer.setLocalDescription()
    const answer = peer.localDescription
    if (answer?.type !== 'answer') return
    answered = Math.max(answered, offer)
    send({ description: { type: 'answer', sdp: answer.sdp }, offer })
    if (isRestart) way.leaveToOther()
  }

  async function take(signal: RoomSignal): Promise<void> {
    if (isClosed()) return
    if ('candidate' in signal) {
      // One of an offer that was ignored, or that is no more, belongs to nothing: there are others.
      await peer.addIceCandidate(signal.candidate).catch(() => undefined)
      return
    }
    const { type, sdp } = signal.description
    if (type === 'offer') return takeOffer(sdp, signal.offer)
    if (peer.signalingState !== 'have-local-offer' || makingOffer || signal.offer !== offers) return
    await peer.setRemoteDescription({ type: 'answer', sdp })
  }

  return {
    // One after the other: what is made between two of them would be of neither.
    hear: (signal) => {
      heard = heard
        .then(() => take(signal))
        .catch((error: unknown) => {
          if (!isClosed()) options.onBroken(error)
        })
    },
    resume: (own) => {
      sayOfferAgain()
      if (own && peer.remoteDescription) way.lookAnew()
    },
    useServers: way.useServers,
    lookAnew: way.lookAnew,
    hurry: way.hurry,
    close: () => {
      way.stop()
      callOffSayingAgain()
      peer.onnegotiationneeded = null
      peer.onicecandidate = null
      peer.onconnectionstatechange = null
      peer.close()
    },
  }
}

type WayOptions = Pick<NegotiationOptions, 'peer' | 'askForServers' | 'configured' | 'onWay' | 'after'>

/** What is broken is mended with fresh servers, again and again, for as long as it takes. */
function lookAfterWay({ peer, askForServers, configured, onWay, after }: WayOptions) {
  let way: Way = 'connecting'
  let hasConnected = false
  let awaitsServers = false
  /** Whether an attempt of the other side was given its time since the last of its own. */
  let hasLeftToOther = false
  /** Calls off what is done next about it. */
  let callOff = () => {}

  function become(next: Way): void {
    if (next === way) return
    way = next
    onWay(way)
  }

  function then(milliseconds: number, run: () => void): void {
    callOff()
    callOff = after(milliseconds, run)
  }

  function mend(): void {
    become(hasConnected ? 'mending' : 'connecting')
    lookAnew()
  }

  function lookAnew(): void {
    awaitsServers = true
    then(serversWithin, restart)
    askForServers()
  }

  function restart(): void {
    awaitsServers = false
    hasLeftToOther = false
    // Before the first answer there is nothing to begin anew.
    if (peer.remoteDescription) peer.restartIce()
    then(mendedWithin, mendUnlessConnected)
  }

  /** It may work again by now; and what was asked for meanwhile is not forgotten. */
  function mendUnlessConnected(): void {
    if (peer.connectionState !== 'connected') mend()
    else if (awaitsServers) restart()
  }

  /**
   * The other side has begun to look anew, and so has this one by its answer: that attempt has as long as one of its own, which
   * would else cut it short, and be cut short itself by the next. Once, until this side has tried itself: whoever offers anew
   * again and again keeps it from nothing for longer than two attempts last.
   */
  function leaveToOther(): void {
    if (peer.connectionState === 'connected' || awaitsServers || hasLeftToOther) return
    hasLeftToOther = true
    if (way === 'disturbed') become('mending')
    then(mendedWithin, mendUnlessConnected)
  }

  peer.onconnectionstatechange = () => {
    switch (peer.connectionState) {
      case 'connected':
        hasConnected = true
        hasLeftToOther = false
        if (!awaitsServers) callOff()
        return become('connected')
      case 'disconnected':
        if (way === 'mending') return
        become('disturbed')
        return then(disturbedFor, mendUnlessConnected)
      case 'failed':
        return mend()
    }
  }

  then(connectedWithin, mendUnlessConnected)

  return {
    lookAnew,
    leaveToOther,
    hurry: () => {
      if (way === 'disturbed' || way === 'mending') mend()
    },
    useServers: (ice: RoomIce) => {
      peer.setConfiguration(configured(ice))
      if (awaitsServers) restart()
    },
    stop: () => callOff(),
  }
}
