/**
 * A message that was under way for longer than this, in ms, is of before: some buffer held it while a server, a link
 * between servers, or this process hung. It is never handed on.
 */
const staleAfter = 5_000

/** A sender is asked anew this often while it is heard, in ms: clocks run at different paces. */
const askedEvery = 60_000

/**
 * Clocks go apart by no more than a thousandth of the time, and are read to some ms. What came earlier than that explains,
 * counted from when its sender was asked, did so because our own clock stood still.
 */
const earliest = (since: number) => 50 + Math.min(since, askedEvery) / 1_000

/** A machine's two clocks go apart by no more than this, in ms, from one message to the next, unless it slept. */
const leastSleep = 500

export interface MachineClocks {
  /** Stands still while the machine sleeps. */
  readonly monotonic: () => number
  /** Does not, but may be set: the machine's own, and no other's. */
  readonly machine: () => number
}

/** @returns what tells whether the machine has slept since it was asked last, or one of its clocks was set. */
export function watchSleep({ monotonic, machine }: MachineClocks): () => boolean {
  let apart = machine() - monotonic()
  return () => {
    const before = apart
    apart = machine() - monotonic()
    return Math.abs(apart - before) > leastSleep
  }
}

/** When a message left, by the clocks of whoever sent it: ms. */
export interface Sent {
  /** The end of the bus that sent it; another one each time that its machine has slept. */
  readonly from: string
  readonly monotonic: number
  /** The database's time as it was known there. */
  readonly wall: number
}

export interface MessageAgesOptions extends MachineClocks {
  /** The database's time. */
  readonly wall: () => number
  /** What the monotonic clock of a sender says now; null where its machine has slept since, undefined where it is gone. */
  readonly ask: (from: string) => Promise<number | null | undefined>
}

/** Judges how long messages lay on their way. */
export interface MessageAges {
  /**
   * Whether a message that came now may be handed on. What comes from one sender while that is found out waits its turn.
   */
  isFresh(sent: Sent): boolean | Promise<boolean>
  /** Nothing is known of any sender any more. */
  forget(): void
}

interface Sender {
  /** It has not answered yet. */
  isNew: boolean
  /** The least that our clock was ahead of the sender's as a message came: then it lay for no time. */
  ahead: number
  /** What it was when the sender was asked, and when that was, by our clock. */
  asked: { readonly ahead: number; readonly at: number }
  /** That may be another by now. */
  isDoubted: boolean
  /** While the sender is being asked, and what came meanwhile waits for that. */
  asking: Promise<number | null | undefined> | undefined
  /** While it is being asked, and nothing waits for that. */
  isAskedAnew: boolean
}

/**
 * By how much later a message came than others of its sender, and not by what time it is: whoever sets a clock drops
 * nothing. Where that is not known, or does not fit, since clocks drift or this machine has slept, the sender is asked. Of
 * one that never answered, and is gone, the database's time says it.
 */
export function createMessageAges({ monotonic, machine, wall, ask }: MessageAgesOptions): MessageAges {
  const senders = new Map<string, Sender>()
  const hasSlept = watchSleep({ monotonic, machine })

  const take = (sender: Sender, at: number, theirs: number) => {
    // It was read later than that: a slow answer makes nothing younger.
    sender.ahead = at - theirs
    sender.asked = { ahead: sender.ahead, at }
    sender.isNew = false
    sender.isDoubted = false
  }

  const askSender = async (from: string, sender: Sender) => {
    const at = monotonic()
    const theirs = await ask(from).catch(() => undefined)
    sender.asking = undefined
    if (typeof theirs === 'number') take(sender, at, theirs)
    else if (senders.get(from) === sender) senders.delete(from)
    return theirs
  }

  /** Whoever is gone by now has said what it said. */
  const askAnew = async (from: string, sender: Sender) => {
    const at = monotonic()
    sender.isAskedAnew = true
    const theirs = await ask(from).catch(() => undefined)
    sender.isAskedAnew = false
    if (typeof theirs === 'number' && !sender.isDoubted) take(sender, at, theirs)
  }

  return {
    isFresh({ from, monotonic: at, wall: sentAt }) {
      if (hasSlept()) for (const sender of senders.values()) sender.isDoubted = true
      const now = monotonic()
      const ahead = now - at
      const known = senders.get(from)
      if (known && !known.isDoubted && !known.asking) {
        const since = now - known.asked.at
        if (ahead - known.ahead <= staleAfter && known.asked.ahead - ahead <= earliest(since)) {
          known.ahead = Math.min(known.ahead, ahead)
          if (since > askedEvery && !known.isAskedAnew) void askAnew(from, known)
          return true
        }
      }
      const sender = known ?? {
        ...{ isNew: true, ahead, asked: { ahead, at: now } },
        ...{ isDoubted: true, asking: undefined, isAskedAnew: false },
      }
      senders.set(from, sender)
      const byWall = sender.isNew && Math.abs(wall() - sentAt) <= staleAfter
      sender.asking ??= askSender(from, sender)
      return sender.asking.then((theirs) =>
        typeof theirs === 'number' ? ahead - sender.ahead <= staleAfter : theirs === undefined && byWall,
      )
    },
    forget: () => senders.clear(),
  }
}
