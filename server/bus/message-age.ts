/**
 * A message that was under way for longer than this, in ms, is of before: some buffer held it while a server, a link
 * between servers, or this process hung. It is never handed on.
 */
const staleAfter = 5_000

/** What came earlier than any before by more than this, in ms, did so because our own clock stood still. */
const impossiblyEarly = 1_000

/** When a message left, by the clocks of whoever sent it: ms. */
export interface Sent {
  /** The end of the bus that sent it. */
  readonly from: string
  readonly monotonic: number
  /** The database's time as it was known there. */
  readonly wall: number
}

export interface MessageAgesOptions {
  readonly monotonic: () => number
  readonly wall: () => number
  /** What the monotonic clock of a sender says now; undefined when it does not answer within a second or so. */
  readonly ask: (from: string) => Promise<number | undefined>
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
  /** The least that our clock was ahead of the sender's as a message came: then it lay for no time. */
  ahead: number
  /** While the sender is being asked. */
  asking: Promise<boolean> | undefined
}

/**
 * By how much later a message came than others of its sender, and not by what time it is: whoever sets a clock drops
 * nothing. Monotonic clocks stand still while a machine sleeps, and drift: where one does not fit what is known, its
 * sender is asked. Of a sender that was never heard the wall clocks say it, and where those differ, it is asked too.
 */
export function createMessageAges({ monotonic, wall, ask }: MessageAgesOptions): MessageAges {
  const senders = new Map<string, Sender>()

  const askSender = async (from: string, sender: Sender): Promise<boolean> => {
    const theirs = await ask(from).catch(() => undefined)
    sender.asking = undefined
    if (theirs === undefined) {
      if (senders.get(from) === sender) senders.delete(from)
      return false
    }
    sender.ahead = monotonic() - theirs
    return true
  }

  return {
    isFresh({ from, monotonic: at, wall: sentAt }) {
      const ahead = monotonic() - at
      const known = senders.get(from)
      if (known && !known.asking && isBetween(ahead - known.ahead, -impossiblyEarly, staleAfter)) {
        known.ahead = Math.min(known.ahead, ahead)
        return true
      }
      if (!known && isBetween(wall() - sentAt, -staleAfter, staleAfter)) {
        senders.set(from, { ahead, asking: undefined })
        return true
      }
      const sender = known ?? { ahead, asking: undefined }
      senders.set(from, sender)
      sender.asking ??= askSender(from, sender)
      return sender.asking.then((answered) => answered && ahead - sender.ahead <= staleAfter)
    },
    forget: () => senders.clear(),
  }
}

const isBetween = (value: number, least: number, most: number): boolean => value >= least && value <= most
