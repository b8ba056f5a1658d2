import type { Json } from '../json.ts'

/** The replies to one request, for one reader: what came before it reads is kept for it. */
export interface Replies extends AsyncIterable<Json> {
  /** After the end nothing is added any more. */
  add(reply: Json): void
  /** @param error what the reader is to have thrown, once it has read what came before. */
  end(error?: Error): void
}

/** @param onEnd hears, once, that no further reply is wanted: they ended, or the reader has heard enough. */
export function createReplies(onEnd: () => void = () => {}): Replies {
  const waiting: Json[] = []
  let ended = false
  let failure: Error | undefined
  let wake = () => {}

  const end = (error?: Error) => {
    if (ended) return
    ended = true
    failure = error
    onEnd()
    wake()
  }

  return {
    add(reply) {
      if (ended) return
      waiting.push(reply)
      wake()
    },
    end,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          yield* waiting.splice(0)
          if (waiting.length > 0) continue
          if (ended) break
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      } finally {
        end()
      }
      if (failure) throw failure
    },
  }
}
