import { EventEmitter } from 'node:events'
import { IncomingMessage, type Server, ServerResponse } from 'node:http'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createConnectionLimits } from '../../../server/presence/connection-limits.ts'

const schedules = Number(process.env.TRUTH_SCHEDULES ?? 1_000)

const caps = { perAddress: 4, strangersPerAddress: 3, inAll: 12 }

const kinds = ['upgraded', 'upgraded', 'request', 'request', 'request', 'answered', 'closed'] as const

/** One thing that happens: of which address, or to which of the connections that are open. */
const act = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('opened' as const), address: fc.nat(5) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(...kinds),
      which: fc.nat(30),
      key: fc.nat(2),
      proven: fc.boolean(),
    }),
  },
)

/** What limits know of a socket. A real one is closed later than it is destroyed, and a million of them never here. */
class Socket extends EventEmitter {
  readonly remoteAddress: string
  isOver = false

  constructor(remoteAddress: string) {
    super()
    this.remoteAddress = remoteAddress
  }

  destroy() {
    this.isOver = true
  }

  end() {
    this.isOver = true
  }
}

interface Known {
  readonly socket: Socket
  readonly address: string
  admitted: boolean
  response: ServerResponse | undefined
  upgraded: boolean
  key: string | undefined
}

test('L2.10 in any order of connections, requests and ends no cap is passed, nobody proven ends, and who ends is of the address that has most', () => {
  const run = (acts: readonly (typeof act extends fc.Arbitrary<infer T> ? T : never)[]) => {
    const server = new EventEmitter()
    const limits = createConnectionLimits({
      caps,
      trustProxy: false,
      addressOf: ({ socket }) => socket.remoteAddress ?? '',
    })
    limits.watch(server as Server)
    let open: Known[] = []

    /** What ended by itself since: of strangers alone, and the oldest of an address that had as many as any. */
    const checkEnded = (before: readonly Known[], newest?: Known) => {
      const ended = before.filter(({ socket }) => socket.isOver)
      for (const one of ended) {
        expect(one.admitted, 'a proven one ended').toBe(false)
        const strangers = (address: string) =>
          before.filter((known) => known.address === address && !known.admitted).length
        const most = Math.max(...before.map(({ address }) => strangers(address)))
        const own = strangers(one.address)
        const total = before.filter(({ address }) => address === one.address).length
        expect(own === most || own > caps.strangersPerAddress || total > caps.perAddress).toBe(true)
        const oldest = before.find((known) => known.address === one.address && !known.admitted)
        // Who only just came is the last to go.
        if (one === newest) expect(before.filter(({ admitted }) => !admitted)).toEqual([newest])
        else if (newest === undefined || oldest !== newest) expect(one).toBe(oldest)
      }
      open = before.filter((known) => !ended.includes(known))
    }

    /** Becomes the newest of its address, as the limits count. */
    const renew = (known: Known) => {
      open = [...open.filter((other) => other !== known), known]
    }

    const upgrade = (known: Known, proven: boolean) => {
      const request = new IncomingMessage(known.socket as never)
      known.upgraded = true
      const before = open
      const has = limits.hasRoom(request)
      const ofAddress = before.filter(({ address }) => address === known.address).length
      if (!has) {
        const others = before.filter((other) => other.address === known.address && other !== known)
        expect([ofAddress > caps.perAddress, others.some(({ admitted }) => !admitted)]).toEqual([true, false])
        open = open.filter((other) => other !== known)
        known.socket.emit('close')
        return
      }
      expect(known.socket.isOver).toBe(false)
      checkEnded(before, known)
      if (!proven) return
      limits.admit(known.socket as never)
      known.admitted = true
      renew(known)
    }

    for (const step of acts) {
      if (step.kind === 'opened') {
        const remoteAddress = `192.0.2.${step.address}`
        const socket = new Socket(remoteAddress)
        const known: Known = {
          socket,
          address: remoteAddress,
          admitted: false,
          response: undefined,
          upgraded: false,
          key: undefined,
        }
        server.emit('connection', socket)
        checkEnded([...open, known], known)
      } else {
        const known = open[step.which % Math.max(1, open.length)]
        if (!known) continue
        const idle = !known.upgraded && known.response === undefined
        if (step.kind === 'closed') {
          known.socket.emit('close')
          known.socket.removeAllListeners('close')
          open = open.filter((other) => other !== known)
        } else if (step.kind === 'upgraded' && idle) upgrade(known, step.proven)
        else if (step.kind === 'request' && idle) {
          const request = new IncomingMessage(known.socket as never)
          known.response = new ServerResponse(request)
          server.emit('request', request, known.response)
          if (!step.proven) continue
          const admitted = limits.counts.admitted
          limits.admit(known.socket as never, `key-${step.key}`)
          known.admitted = limits.counts.admitted > admitted
          known.key = known.admitted ? `key-${step.key}` : undefined
          if (known.admitted) renew(known)
        } else if (step.kind === 'answered' && known.response) {
          const { response } = known
          known.response = undefined
          const before = open
          if (known.admitted) renew(known)
          known.admitted = false
          known.key = undefined
          response.emit('close')
          checkEnded(before === open ? open : [...open], known)
        }
      }
      const { held, admitted } = limits.counts
      expect([held, admitted]).toEqual([open.length, open.filter((known) => known.admitted).length])
      expect(held).toBeLessThanOrEqual(caps.inAll)
      const ofKeys = open.flatMap(({ key }) => key ?? [])
      expect(ofKeys.length).toBeLessThanOrEqual(caps.inAll / 2)
      for (const key of ofKeys)
        expect(ofKeys.filter((other) => other === key).length).toBeLessThanOrEqual(caps.strangersPerAddress)
      for (const { address } of open)
        expect(
          open.filter((other) => other.address === address && !other.admitted).length,
        ).toBeLessThanOrEqual(caps.strangersPerAddress)
    }
    for (const { socket } of open) socket.emit('close')
    expect(limits.counts).toMatchObject({ held: 0, admitted: 0 })
  }
  fc.assert(fc.property(fc.array(act, { maxLength: 120 }), run), { numRuns: schedules })
})
