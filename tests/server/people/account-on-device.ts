import * as v from 'valibot'
import { expect } from 'vitest'
import { type ServerMessage, serverMessage } from '../../../protocol/connection.ts'
import type { AccountChange, Contact, Status } from '../../../protocol/people.ts'

/** What a device has of its account, by what it was told and nothing else; it finds whatever is lost, doubled or in disorder. */
export interface AccountOnDevice {
  /** The last event that it has; null while it has nothing, or only a part of a reset. */
  readonly cursor: number | null
  readonly status: Status | undefined
  /** By id, in the order of ids. */
  contacts(): readonly Contact[]
  /** @throws where a frame cannot be of a server that keeps its word. */
  hear(message: ServerMessage): void
  hearFrame(frame: string): void
  /** From now on it is one that has everything up to this event. */
  begin(at: number | null): void
  readonly resets: number
  /** How often it was told of everything else. */
  readonly changes: readonly AccountChange[]
}

export function accountOnDevice(): AccountOnDevice {
  let cursor: number | null = null
  let status: Status | undefined
  let contacts = new Map<string, Contact>()
  let resets = 0
  const changes: AccountChange[] = []
  let filling: AccountChange[] | undefined

  const apply = (change: AccountChange) => {
    if (change.kind === 'status') status = change.status
    if (change.kind === 'contact') contacts.set(change.contact.id, change.contact)
    if (change.kind === 'contact-gone') contacts.delete(change.id)
    changes.push(change)
  }

  const hear = (message: ServerMessage) => {
    if (message.type === 'events') {
      expect(filling, 'events came within a reset').toBeUndefined()
      for (const { seq, change } of message.events) {
        expect(seq, 'an event is lost, doubled or in disorder').toBe((cursor ?? Number.NaN) + 1)
        cursor = seq
        apply(change)
      }
      expect(message.until).toBe(cursor)
    }
    if (message.type === 'reset') {
      expect(message.first).toBe(filling === undefined)
      filling = [...(filling ?? []), ...message.items]
      if (!message.last) return
      contacts = new Map()
      status = undefined
      for (const change of filling) apply(change)
      cursor = message.until
      filling = undefined
      resets += 1
    }
  }

  return {
    get cursor() {
      return cursor
    },
    get status() {
      return status
    },
    contacts: () => [...contacts.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    hear,
    hearFrame: (frame) => hear(v.parse(serverMessage, JSON.parse(frame))),
    begin(at) {
      cursor = at
      filling = undefined
    },
    get resets() {
      return resets
    },
    changes,
  }
}
