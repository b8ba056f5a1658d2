import { roomTiming } from '../../protocol/room.ts'

const prefix = 'reachable-room:'

interface KeptSeat {
  readonly seat: string
  /** Ms since 1970. */
  readonly at: number
}

function read(text: string | null): KeptSeat | null {
  try {
    const kept: unknown = JSON.parse(text ?? 'null')
    if (typeof kept !== 'object' || kept === null) return null
    const { seat, at } = kept as Record<string, unknown>
    return typeof seat === 'string' && typeof at === 'number' ? { seat, at } : null
  } catch {
    return null
  }
}

/**
 * The seat by which a browser comes in again, kept until the room is over: after a reload, in a second tab, and when the
 * browser was killed and the address is opened from its history.
 *
 * @param storage of the page; undefined where the browser keeps nothing for it.
 */
export function keptSeat(room: string, storage: Storage | undefined, now: () => number) {
  const key = `${prefix}${room}`
  const isOver = (kept: KeptSeat | null) => kept === null || now() - kept.at > roomTiming.longest

  /** Of rooms that ended while no page of theirs was open. */
  function forgetOld(): void {
    const names = Array.from({ length: storage?.length ?? 0 }, (_, at) => storage?.key(at) ?? '')
    for (const name of names)
      if (name.startsWith(prefix) && isOver(read(storage?.getItem(name) ?? null))) storage?.removeItem(name)
  }

  return {
    read: (): string | null => {
      forgetOld()
      return read(storage?.getItem(key) ?? null)?.seat ?? null
    },
    keep: (seat: string): void => {
      try {
        storage?.setItem(key, JSON.stringify({ seat, at: now() } satisfies KeptSeat))
      } catch {
        // Full, or forbidden: a reload asks for the way in by the extension again.
      }
    },
    forget: (): void => storage?.removeItem(key),
  }
}
