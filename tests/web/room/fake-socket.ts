import type { RoomPageMessage, RoomServerMessage } from '../../../protocol/room.ts'

/** A WebSocket whose other end is the test. */
export class FakeSocket {
  readonly address: string
  readyState: number = WebSocket.CONNECTING
  onopen: (() => void) | null = null
  onclose: ((event: { readonly code: number }) => void) | null = null
  onmessage: ((event: { readonly data: string }) => void) | null = null
  readonly said: RoomPageMessage[] = []
  /** With what the page closed it; null for no code. */
  closedBy: number | null | undefined

  constructor(address: string) {
    this.address = address
  }

  send(frame: string): void {
    this.said.push(JSON.parse(frame))
  }

  close(code?: number): void {
    this.closedBy = code ?? null
    this.readyState = WebSocket.CLOSED
  }

  open(): void {
    this.readyState = WebSocket.OPEN
    this.onopen?.()
  }

  tell(message: RoomServerMessage | object): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }

  /** Ends from the other side. */
  end(code: number): void {
    this.readyState = WebSocket.CLOSED
    this.onclose?.({ code })
  }

  beats(): readonly number[] {
    return this.said.flatMap((message) => (message.type === 'beat' ? [message.n] : []))
  }

  answerBeats(otherLeftMs: number | null = null): void {
    for (const n of this.beats()) this.tell({ type: 'beat', n, otherLeftMs })
  }
}

export const welcomeMessage = {
  type: 'welcome',
  protocol: 1,
  side: 'caller',
  polite: false,
  seat: 'seat-of-the-caller-0123456789',
  beatMs: 2_000,
  leaseMs: 6_000,
  epoch: 2,
  ice: { servers: [], goodFor: null },
  relayOnly: false,
  name: 'Ben Sample',
  other: null,
  call: { startedAt: 1_700_000_000_000, agoMs: 5_000 },
} as const satisfies RoomServerMessage
