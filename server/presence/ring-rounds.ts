import { ringAckWithin } from '../../protocol/timing.ts'

/** Whom a line that is asked to ring belongs to. */
export interface Asked {
  readonly userId: string
  readonly device: string
}

/** A device that is waited for; by a line that was not asked itself when it came in place of one that was. */
interface Awaited extends Asked {
  readonly cameLater: boolean
}

/** One ring sent to some lines, waiting for each to say `rings`. */
interface Round {
  readonly call: string
  readonly waiting: Map<string, Awaited>
  readonly acknowledged: Set<string>
  readonly deadline: number
  readonly done: (devices: string[]) => void
}

export interface RingRounds {
  /**
   * Waits until every line (by its id) has acknowledged `call`, is gone, or had its time.
   *
   * @returns the devices that acknowledged.
   */
  begin(call: string, lines: ReadonlyMap<string, Asked>, now: number): Promise<string[]>
  acknowledged(call: string, line: string): void
  /** The line is gone: it is waited for no longer. */
  lost(line: string): void
  /** The device came back by another line, which will be asked by a ring of its own: that one is waited for. */
  replaced(line: string, by: string): void
  /** The call rings no longer: nobody is waited for. */
  over(call: string): void
  /** Ends what is late. @returns the lines that were asked and did not acknowledge. */
  sweep(now: number): { readonly userId: string; readonly line: string }[]
}

/** Collects acknowledgements (T4). No timer of its own: `sweep` is called by the one that all share. */
export function ringRounds(): RingRounds {
  const rounds = new Set<Round>()

  const settle = (round: Round) => {
    rounds.delete(round)
    round.done([...round.acknowledged])
  }

  return {
    begin(call, lines, now) {
      if (lines.size === 0) return Promise.resolve([])
      return new Promise((done) => {
        rounds.add({
          call,
          waiting: new Map([...lines].map(([line, asked]) => [line, { ...asked, cameLater: false }])),
          acknowledged: new Set(),
          deadline: now + ringAckWithin,
          done,
        })
      })
    },
    acknowledged(call, line) {
      for (const round of rounds) {
        const asked = round.call === call ? round.waiting.get(line) : undefined
        if (!asked) continue
        round.waiting.delete(line)
        round.acknowledged.add(asked.device)
        if (round.waiting.size === 0) settle(round)
      }
    },
    lost(line) {
      for (const round of rounds) if (round.waiting.delete(line) && round.waiting.size === 0) settle(round)
    },
    replaced(line, by) {
      for (const { waiting } of rounds) {
        const asked = waiting.get(line)
        if (asked && waiting.delete(line)) waiting.set(by, { ...asked, cameLater: true })
      }
    },
    over(call) {
      for (const round of rounds) if (round.call === call) settle(round)
    },
    sweep(now) {
      const late: { userId: string; line: string }[] = []
      for (const round of rounds)
        if (round.deadline <= now) {
          for (const [line, { userId, cameLater }] of round.waiting)
            if (!cameLater) late.push({ userId, line })
          settle(round)
        }
      return late
    },
  }
}
