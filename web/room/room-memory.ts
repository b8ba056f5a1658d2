import { type RoomSide, roomSides, roomTiming } from '../../protocol/room.ts'

const prefix = 'reachable-room:'

interface KeptSeat {
  readonly seat: string
  /** When it was kept first, ms since 1970. */
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

export interface Stores {
  /** Of all tabs; undefined where the browser keeps nothing for pages. */
  readonly shared: Storage | undefined
  /** Of the tab. */
  readonly tab: Storage | undefined
}

/** By what a page comes in again. */
export interface RoomMemory {
  /** @returns the seat of the side that this tab had before, else the last that this browser was given; null where there is none. */
  readonly read: () => string | null
  readonly keep: (side: RoomSide, seat: string) => void
  /** Of the side that this page has, or had by what it read. */
  readonly forget: () => void
  /**
   * What this page is called: as the load before it, where that was not welcomed and may have used up a ticket for that name;
   * else anew.
   *
   * @param isReload whether the tab has loaded the same page once more.
   */
  readonly pageName: (isReload: boolean, newName: () => string) => string
}

/**
 * The seat by which a browser comes in again, kept until the room is over: after a reload, in a second tab, and when the
 * browser was killed and the address is opened from its history. Of each side, as one browser may have both: whoever tries a
 * place of their own calls themselves.
 *
 * @param now ms since 1970.
 */
export function openRoomMemory(room: string, { shared, tab }: Stores, now: () => number): RoomMemory {
  const keyOf = (side: RoomSide) => `${prefix}${room}:${side}`
  const sideKey = `${prefix}${room}:side`
  const pageKey = `${prefix}${room}:page`
  const isOver = (kept: KeptSeat | null) => kept === null || now() - kept.at > roomTiming.longest
  const kept = (side: RoomSide) => read(shared?.getItem(keyOf(side)) ?? null)
  let own: RoomSide | null = roomSides.find((side) => side === tab?.getItem(sideKey)) ?? null

  /** Of rooms that ended while no page of theirs was open. */
  function forgetOld(): void {
    const names = Array.from({ length: shared?.length ?? 0 }, (_, at) => shared?.key(at) ?? '')
    for (const name of names)
      if (name.startsWith(prefix) && isOver(read(shared?.getItem(name) ?? null))) shared?.removeItem(name)
  }

  return {
    read() {
      forgetOld()
      const found = (own ? [own] : roomSides).flatMap((side) => {
        const seat = kept(side)
        return seat ? [{ side, ...seat }] : []
      })
      const [last] = found.toSorted((one, other) => other.at - one.at)
      own = last?.side ?? own
      return last?.seat ?? null
    },
    keep(side, seat) {
      own = side
      const before = kept(side)
      const at = before?.seat === seat ? before.at : now()
      tab?.removeItem(pageKey)
      try {
        shared?.setItem(keyOf(side), JSON.stringify({ seat, at } satisfies KeptSeat))
        tab?.setItem(sideKey, side)
      } catch {
        // Full, or forbidden: a reload asks for the way in by the extension again.
      }
    },
    forget() {
      if (own) shared?.removeItem(keyOf(own))
    },
    pageName(isReload, newName) {
      const name = (isReload && tab?.getItem(pageKey)) || newName()
      try {
        tab?.setItem(pageKey, name)
      } catch {
        // As above.
      }
      return name
    },
  }
}
