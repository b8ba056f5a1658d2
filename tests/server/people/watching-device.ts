import { expect, vi } from 'vitest'
import type { ServerMessage } from '../../../protocol/connection.ts'
import type { ContactPresence } from '../../../protocol/people.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import type { Clock } from '../../../server/clock.ts'
import type { TestServer } from '../support/in-process-server.ts'
import { idOf } from '../support/people.ts'
import type { TestClock } from '../support/test-clock.ts'
import { type PeopleDevice, peopleDevice } from './people-device.ts'

type Frame = Extract<ServerMessage, { type: 'presence' }>

/** A device that watches, and knows what it was told of whom. */
export interface WatchingDevice extends PeopleDevice {
  /** Watches these in place of whom it watched before, and waits for all first frames. @returns them. */
  watch(whom: 'all' | readonly string[]): Promise<readonly Frame[]>
  /** What it sees of a person now: `none` of whom it was told nothing. */
  sees(userId: string): ContactPresence['sees'] | 'none'
  of(userId: string): ContactPresence | undefined
  /** Waits until it sees this of the person, while time passes for the server too. @returns after how many of its ms. */
  until(userId: string, sees: ContactPresence['sees']): Promise<number>
  readonly frames: readonly Frame[]
}

let watches = 0

/** Ms. */
const step = 50

const isTestClock = (clock: Clock): clock is TestClock => 'advance' in clock

export async function watchingDevice(
  server: TestServer,
  person: NewAccount,
  device: string,
): Promise<WatchingDevice> {
  const base = await peopleDevice(server, person, device)
  await base.lease()
  const frames: Frame[] = []
  const seen = new Map<string, ContactPresence>()
  let n = 0
  base.socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as ServerMessage
    if (frame.type !== 'presence') return
    frames.push(frame)
    expect(frame.of.length).toBeLessThanOrEqual(200)
    // Numbered from 1 without a gap on each connection.
    expect(frame.version).toBe(frames.length)
    if (frame.n !== n) return
    for (const presence of frame.of) seen.set(presence.contact, presence)
  })
  /** Lets time pass until that is so; of a clock that stands still too, so that a busy machine is no later for it. */
  const pass = async (isSo: () => boolean) => {
    await vi.waitFor(
      () => {
        if (isSo()) return
        if (isTestClock(server.clock)) server.clock.advance(step)
        throw new Error('it is not so yet')
      },
      { interval: step, timeout: 200 * step },
    )
  }
  const sees = (userId: string) => seen.get(userId)?.sees ?? 'none'

  return {
    ...base,
    frames,
    async watch(whom) {
      watches += 1
      n = watches
      seen.clear()
      base.send({ type: 'watch', n, whom: whom === 'all' ? whom : [...whom] })
      const first = () => frames.filter((frame) => frame.n === n && frame.whole)
      await pass(() => first().at(-1)?.more === false)
      return first()
    },
    sees,
    of: (userId) => seen.get(userId),
    async until(userId, wanted) {
      const began = server.clock.monotonic()
      await pass(() => sees(userId) === wanted)
      expect(sees(userId)).toBe(wanted)
      return server.clock.monotonic() - began
    },
  }
}

/** Makes people contacts of each other, without a word to anybody. */
export async function befriended(server: TestServer, one: NewAccount, ...others: readonly NewAccount[]) {
  const db = await server.db()
  const id = await idOf(server, one.email)
  const ids = await Promise.all(others.map(({ email }) => idOf(server, email)))
  const row = (userId: string, otherId: string) =>
    ({ userId, id: otherId, otherId, relation: 'contact', since: Date.now() }) as const
  await db
    .insertInto('contact')
    .values(ids.flatMap((other) => [row(id, other), row(other, id)]))
    .execute()
}
