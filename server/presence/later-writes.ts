import type { Log } from '../log.ts'

/** So many are under way at once: a crowd of them keeps no one else from the database. */
const atOnce = 5
/** So many of one kind wait: whoever causes more of it is paced, and further ones would write nothing. */
const mostWaiting = 3

/** Writes that nobody who causes them waits for, so that they hold up no hello. */
export interface LaterWrites {
  /** @param kind whose it is, and of what: of each a few wait, and further ones are dropped. */
  add(kind: string, write: () => Promise<unknown>): void
  /** Once all are done that were added before. Never rejects. */
  settled(): Promise<void>
}

export function createLaterWrites(log: Log): LaterWrites {
  const kinds = new Map<string, number>()
  const waiting: (() => Promise<void>)[] = []
  const running = new Set<Promise<void>>()

  const run = () => {
    while (running.size < atOnce) {
      const next = waiting.shift()
      if (!next) return
      const done = next().finally(() => {
        running.delete(done)
        run()
      })
      running.add(done)
    }
  }

  return {
    add(kind, write) {
      const before = kinds.get(kind) ?? 0
      if (before >= mostWaiting) return
      kinds.set(kind, before + 1)
      waiting.push(async () => {
        try {
          await write()
        } catch (err) {
          log.error({ err }, 'what a hello was refused for could not be put on record')
        } finally {
          const left = (kinds.get(kind) ?? 0) - 1
          if (left > 0) kinds.set(kind, left)
          else kinds.delete(kind)
        }
      })
      run()
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
