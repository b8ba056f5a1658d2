import * as v from 'valibot'
import type { Bus } from '../bus/bus.ts'

/** Where the changes of one call are told. */
const subject = (callId: string) => `call.${callId}`

const change = v.object({ by: v.string() })

/** That calls stand otherwise than before, told to whoever follows them, here and on other nodes. */
export interface CallChanges {
  publish(callId: string): void
  /** Hears of each change. @returns what ends it. */
  follow(callId: string, listener: () => void): () => void
  /** Hears of each change that another node made. @returns what ends it. */
  onOtherNode(callId: string, listener: () => void): () => void
  /** The calls that somebody follows here. */
  followed(): string[]
  /** Has whoever follows a call here look at it. */
  wake(callId: string): void
}

/** @param node null where a server runs alone, so that nobody else has to be told. */
export function createCallChanges(bus: Bus, node: string | null): CallChanges {
  const followers = new Map<string, Set<{ readonly listener: () => void }>>()

  const onOtherNode = (callId: string, listener: () => void) =>
    node === null
      ? () => {}
      : bus.subscribe(subject(callId), (payload) => {
          if (v.parse(change, payload).by !== node) listener()
          return undefined
        })

  const wake = (callId: string) => {
    for (const { listener } of followers.get(callId) ?? []) listener()
  }

  return {
    publish(callId) {
      // Those here hear of it also while the bus is lost.
      wake(callId)
      if (node !== null) bus.publish(subject(callId), { by: node })
    },
    follow(callId, listener) {
      const follower = { listener }
      const ofCall = followers.get(callId) ?? new Set()
      followers.set(callId, ofCall.add(follower))
      const leave = onOtherNode(callId, listener)
      return () => {
        leave()
        ofCall.delete(follower)
        if (ofCall.size === 0 && followers.get(callId) === ofCall) followers.delete(callId)
      }
    },
    onOtherNode,
    followed: () => [...followers.keys()],
    wake,
  }
}
