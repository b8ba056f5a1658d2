/** The furthest that an event may lie ahead, in ms: a power of two. */
const span = 2 ** 18

/**
 * Events of a simulation, each at a whole millisecond, in the order in which they were added to it. A wheel with a slot
 * for each millisecond: adding and taking cost the same however many wait, and one takes 17 bytes.
 */
export class EventWheel {
  readonly #first = new Int32Array(span).fill(-1)
  readonly #last = new Int32Array(span).fill(-1)
  #next = new Int32Array(0)
  #kind = new Uint8Array(0)
  #device = new Int32Array(0)
  #connection = new Int32Array(0)
  #about = new Int32Array(0)
  #free = -1
  #waiting = 0
  now = 0

  get waiting(): number {
    return this.#waiting
  }

  /** @param at not before now; a part of a millisecond counts as a whole one. @throws RangeError beyond the span. */
  add(at: number, kind: number, device: number, connection = 0, about = 0): void {
    const time = Math.max(this.now, Math.ceil(at))
    if (time - this.now >= span) throw new RangeError('The event lies too far ahead.')
    if (this.#free < 0) this.#grow()
    const event = this.#free
    this.#free = this.#next[event] ?? -1
    this.#next[event] = -1
    this.#kind[event] = kind
    this.#device[event] = device
    this.#connection[event] = connection
    this.#about[event] = about
    const slot = time % span
    const last = this.#last[slot] ?? -1
    if (last < 0) this.#first[slot] = event
    else this.#next[last] = event
    this.#last[slot] = event
    this.#waiting += 1
  }

  /** Takes every event until a time, in order; those that are added meanwhile too. */
  run(until: number, take: (kind: number, device: number, connection: number, about: number) => void): void {
    for (; this.now < until; this.now += 1) {
      const slot = this.now % span
      for (;;) {
        const event = this.#first[slot] ?? -1
        if (event < 0) break
        const next = this.#next[event] ?? -1
        this.#first[slot] = next
        if (next < 0) this.#last[slot] = -1
        this.#next[event] = this.#free
        this.#free = event
        this.#waiting -= 1
        take(
          this.#kind[event] ?? 0,
          this.#device[event] ?? 0,
          this.#connection[event] ?? 0,
          this.#about[event] ?? 0,
        )
      }
    }
  }

  #grow(): void {
    const before = this.#next.length
    const size = Math.max(1_024, before * 2)
    const grown = <Numbers extends Int32Array | Uint8Array>(from: Numbers, to: Numbers): Numbers => {
      to.set(from)
      return to
    }
    this.#next = grown(this.#next, new Int32Array(size))
    this.#kind = grown(this.#kind, new Uint8Array(size))
    this.#device = grown(this.#device, new Int32Array(size))
    this.#connection = grown(this.#connection, new Int32Array(size))
    this.#about = grown(this.#about, new Int32Array(size))
    for (let event = before; event < size; event += 1) this.#next[event] = event + 1 < size ? event + 1 : -1
    this.#free = before
  }
}
