/** A refusal of the browser, by the error codes of the WebDriver BiDi specification. */
export class BidiError extends Error {
  override readonly name = 'BidiError'
  readonly code: string

  constructor(method: string, code: string, message: string) {
    super(`${method}: ${code}: ${message}`)
    this.code = code
  }
}

/** Milliseconds: longer than a computer sleeps in a test. */
const answerWithin = 60_000

type Result = Readonly<Record<string, unknown>>

interface Frame {
  readonly type: 'success' | 'error' | 'event'
  readonly id?: number | null
  readonly result?: Result
  readonly error?: string
  readonly message?: string
  readonly method?: string
  readonly params?: Result
}

/**
 * One WebDriver BiDi session with a Firefox that was started with `--remote-debugging-port`. Firefox
 * takes unpacked extensions this way and no other.
 */
export class Bidi {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (frame: Frame) => void>()
  readonly #listening = new Map<string, (event: Result) => void>()
  #sent = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const frame = JSON.parse(String(data)) as Frame
      if (frame.type === 'event') this.#listening.get(frame.method ?? '')?.(frame.params ?? {})
      if (typeof frame.id !== 'number') return
      this.#waiting.get(frame.id)?.(frame)
      this.#waiting.delete(frame.id)
    })
    socket.addEventListener('close', () => {
      for (const [id, settle] of this.#waiting)
        settle({ type: 'error', id, error: 'connection closed', message: 'Firefox ended the connection' })
      this.#waiting.clear()
    })
  }

  /** @param address `ws://127.0.0.1:PORT`, as Firefox names it on its standard error. */
  static async connect(address: string): Promise<Bidi> {
    const socket = new WebSocket(`${address}/session`)
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true })
      socket.addEventListener('error', () => reject(new Error(`Nothing answers at ${address}`)), {
        once: true,
      })
    })
    const bidi = new Bidi(socket)
    await bidi.send('session.new', { capabilities: {} })
    return bidi
  }

  /** @throws BidiError when the browser refuses. */
  async send(method: string, params: object = {}): Promise<Result> {
    this.#sent += 1
    const id = this.#sent
    const frame = await new Promise<Frame>((resolve) => {
      const message = `Firefox has not answered in ${answerWithin / 1_000} s`
      const overdue = setTimeout(() => resolve({ type: 'error', error: 'no answer', message }), answerWithin)
      this.#waiting.set(id, (answer) => {
        clearTimeout(overdue)
        resolve(answer)
      })
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
    if (frame.type === 'success') return frame.result ?? {}
    throw new BidiError(method, frame.error ?? 'unknown', frame.message ?? '')
  }

  /** Listens to an event such as `network.beforeRequestSent` from now on; one listener each. */
  async listen(event: string, listener: (event: Result) => void): Promise<void> {
    this.#listening.set(event, listener)
    await this.send('session.subscribe', { events: [event] })
  }

  /** Loads an unpacked extension until Firefox ends. */
  async install(folder: string): Promise<void> {
    await this.send('webExtension.install', { extensionData: { type: 'path', path: folder } })
  }

  /** Ends the session and leaves the browser as it is. */
  async end(): Promise<void> {
    await this.send('session.end')
    this.#socket.close()
  }
}
