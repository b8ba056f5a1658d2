/** Where the two sides are; null while one has no network. Another number is another address, to which no old way leads. */
export interface Network {
  readonly addressOf: (side: Side) => number | null
}

export type Side = 0 | 1

/**
 * A peer connection as the state machines of https://www.w3.org/TR/webrtc/ have it: the operations chain, implicit
 * descriptions and rollback, when negotiation is needed, credentials of ICE and their restart. Whatever a browser does
 * "in parallel" is a task of its own here, so that a test can have other things happen before it.
 */
export interface FakeSdp {
  readonly type: 'offer' | 'answer'
  /** Of the DTLS association: another one is another peer connection. */
  readonly certificate: number
  /** The credentials of ICE. */
  readonly fragment: string
  readonly lines: readonly string[]
  readonly candidates: readonly FakeCandidate[]
}

interface FakeCandidate {
  readonly fragment: string
  /** At which address its side was, as it was found. */
  readonly address: number
}

interface Transceiver {
  mid: string | null
}

type SignalingState = 'stable' | 'have-local-offer' | 'have-remote-offer' | 'closed'

let certificates = 0

/** @param queue takes what is done in parallel; it keeps the order of one side. */
export function createFakePeer(network: Network, side: Side, queue: (task: () => void) => void) {
  const certificate = ++certificates
  let fragments = 0
  let signalingState: SignalingState = 'stable'
  let connectionState: RTCPeerConnectionState = 'new'
  let currentLocal: FakeSdp | null = null
  let pendingLocal: FakeSdp | null = null
  let currentRemote: FakeSdp | null = null
  let pendingRemote: FakeSdp | null = null
  const transceivers: Transceiver[] = []
  const gathered: FakeCandidate[] = []
  const known: FakeCandidate[] = []
  let toReplace: readonly string[] = []
  let isNeeded = false
  let looksOnEmptyChain = false
  const chain: (() => void)[] = []

  const fail = (name: string, message: string) => new DOMException(message, name)

  /** "Chain an asynchronous operation". */
  function chained<R>(operation: () => Promise<R>): Promise<R> {
    if (signalingState === 'closed') return Promise.reject(fail('InvalidStateError', 'closed'))
    return new Promise<R>((resolve, reject) => {
      const run = () => {
        operation()
          .then(resolve, reject)
          .finally(() => {
            if (signalingState === 'closed') return
            chain.shift()
            const next = chain[0]
            if (next) return next()
            if (!looksOnEmptyChain) return
            looksOnEmptyChain = false
            lookWhetherNeeded()
          })
      }
      chain.push(run)
      if (chain.length === 1) run()
    })
  }

  /** What a browser does in parallel; of a connection that was closed meanwhile nothing comes. */
  const inParallel = <R>(act: () => R): Promise<R> =>
    new Promise((resolve, reject) => {
      queue(() => {
        if (signalingState === 'closed') return
        try {
          resolve(act())
        } catch (error) {
          reject(error)
        }
      })
    })

  /** "Update the negotiation-needed flag". */
  function lookWhetherNeeded(): void {
    if (chain.length > 0) {
      looksOnEmptyChain = true
      return
    }
    queue(() => {
      if (signalingState === 'closed') return
      if (chain.length > 0) {
        looksOnEmptyChain = true
        return
      }
      if (signalingState !== 'stable') return
      if (!transceivers.some(({ mid }) => mid === null) && toReplace.length === 0) {
        isNeeded = false
        return
      }
      if (isNeeded) return
      isNeeded = true
      peer.onnegotiationneeded?.()
    })
  }

  function becomeStable(): void {
    signalingState = 'stable'
    if (!toReplace.includes(currentLocal?.fragment ?? '')) toReplace = []
    isNeeded = false
    lookWhetherNeeded()
  }

  const newFragment = () => `${side}.${certificate}.${++fragments}`

  function offer(): FakeSdp {
    const mids = transceivers.map(({ mid }) => mid)
    const used = new Set(mids)
    let next = 0
    const lines = mids.map((mid) => {
      if (mid !== null) return mid
      while (used.has(String(next))) next += 1
      used.add(String(next))
      return String(next)
    })
    const before = (pendingLocal ?? currentLocal)?.fragment
    const fragment = before === undefined || toReplace.includes(before) ? newFragment() : before
    return { type: 'offer', certificate, fragment, lines, candidates: [] }
  }

  function answer(): FakeSdp {
    const isRestart = currentRemote?.fragment !== pendingRemote?.fragment
    const fragment = currentLocal && !isRestart ? currentLocal.fragment : newFragment()
    return { type: 'answer', certificate, fragment, lines: pendingRemote?.lines ?? [], candidates: [] }
  }

  function gather({ fragment }: FakeSdp): void {
    if (gathered.some((one) => one.fragment === fragment)) return
    for (let found = 0; found < 2; found += 1)
      queue(() => {
        const address = network.addressOf(side)
        if (signalingState === 'closed' || address === null) return
        if (![pendingLocal, currentLocal].some((local) => local?.fragment === fragment)) return
        const candidate = { fragment, address }
        gathered.push(candidate)
        const line = JSON.stringify(candidate)
        peer.onicecandidate?.({
          candidate: { candidate: line, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: fragment },
        })
      })
  }

  function rollBack(): void {
    const kept = new Set(currentLocal?.lines)
    for (const transceiver of transceivers)
      if (transceiver.mid !== null && !kept.has(transceiver.mid)) transceiver.mid = null
    pendingLocal = null
  }

  function checkLines(before: FakeSdp | null, { lines }: FakeSdp): void {
    if (before?.lines.some((mid, at) => lines[at] !== mid))
      throw fail('InvalidAccessError', 'The order of m-lines is another one')
  }

  function takeRemote(sdp: FakeSdp): void {
    if (currentRemote && currentRemote.certificate !== sdp.certificate)
      throw fail('InvalidAccessError', 'It is of another connection')
    if (sdp.type === 'answer') {
      if (signalingState !== 'have-local-offer')
        throw fail('InvalidStateError', `an answer in ${signalingState}`)
      if (String(sdp.lines) !== String(pendingLocal?.lines))
        throw fail('InvalidAccessError', 'The answer has other m-lines than the offer')
      currentRemote = sdp
      currentLocal = pendingLocal
      pendingLocal = null
      pendingRemote = null
      becomeStable()
    } else {
      if (signalingState === 'have-local-offer') rollBack()
      checkLines(currentRemote, sdp)
      for (const mid of sdp.lines)
        if (!transceivers.some((transceiver) => transceiver.mid === mid)) transceivers.push({ mid })
      pendingRemote = sdp
      signalingState = 'have-remote-offer'
    }
    known.push(...sdp.candidates)
  }

  const written = (sdp: FakeSdp | null) =>
    sdp && {
      type: sdp.type,
      sdp: JSON.stringify({
        ...sdp,
        candidates: gathered.filter(({ fragment }) => fragment === sdp.fragment),
      }),
    }

  const peer = {
    onnegotiationneeded: null as (() => void) | null,
    onicecandidate: null as ((event: { readonly candidate: object | null }) => void) | null,
    onconnectionstatechange: null as (() => void) | null,
    get signalingState() {
      return signalingState
    },
    get connectionState() {
      return connectionState
    },
    get localDescription() {
      return written(pendingLocal ?? currentLocal)
    },
    get remoteDescription() {
      return written(pendingRemote ?? currentRemote)
    },
    setLocalDescription: (): Promise<void> =>
      chained(async () => {
        const made = signalingState === 'have-remote-offer' ? answer() : offer()
        await inParallel(() => {
          if (made.type === 'offer') {
            for (const [at, mid] of made.lines.entries()) {
              const transceiver = transceivers[at]
              if (transceiver) transceiver.mid = mid
            }
            pendingLocal = made
            signalingState = 'have-local-offer'
          } else {
            currentLocal = made
            currentRemote = pendingRemote
            pendingLocal = null
            pendingRemote = null
            becomeStable()
          }
          gather(made)
        })
      }),
    setRemoteDescription: ({ sdp }: { readonly sdp: string }): Promise<void> =>
      chained(() => inParallel(() => takeRemote(JSON.parse(sdp) as FakeSdp))),
    addIceCandidate: ({ candidate }: { readonly candidate: string }): Promise<void> =>
      chained(async () => {
        const remote = [pendingRemote, currentRemote].filter((one) => one !== null)
        if (remote.length === 0) throw fail('InvalidStateError', 'no remote description')
        const found = JSON.parse(candidate) as FakeCandidate
        await inParallel(() => {
          if (!remote.some(({ fragment }) => fragment === found.fragment))
            throw fail('OperationError', 'of no generation that there is')
          known.push(found)
        })
      }),
    restartIce: (): void => {
      toReplace = [currentLocal, pendingLocal].flatMap((local) => local?.fragment ?? [])
      lookWhetherNeeded()
    },
    setConfiguration: (): void => {
      if (signalingState === 'closed') throw fail('InvalidStateError', 'closed')
    },
    close: (): void => {
      signalingState = 'closed'
      connectionState = 'closed'
    },

    // For whoever looks on.
    addTransceiver: (): void => {
      transceivers.push({ mid: null })
      lookWhetherNeeded()
    },
    lineCount: () => transceivers.length,
    /** With which credentials ICE looks for a way: once both descriptions are settled. */
    credentials: () =>
      currentLocal && currentRemote ? [currentLocal.fragment, currentRemote.fragment] : null,
    /** Whether it has found this address of its own: a browser looks for none besides those of its last gathering. */
    hasFound: (address: number) =>
      gathered.some((one) => one.address === address && one.fragment === currentLocal?.fragment),
    /** Whether it knows an address of the other side at which that is now. */
    knowsAddress: (address: number) =>
      known.some((one) => one.address === address && one.fragment === currentRemote?.fragment),
    become: (state: RTCPeerConnectionState): void => {
      if (signalingState === 'closed' || connectionState === state) return
      connectionState = state
      peer.onconnectionstatechange?.()
    },
  }
  return peer
}

export type FakePeer = ReturnType<typeof createFakePeer>
