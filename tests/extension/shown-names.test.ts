import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMessageRouter } from '../../entrypoints/background/connection/message-router.ts'
import { shownAccount } from '../../entrypoints/background/shown-names.ts'
import { parseServerMessage, protocolVersion, type ServerMessage } from '../../protocol/connection.ts'
import { nameError } from '../../protocol/display-name.ts'
import { defaultTiming } from '../../protocol/timing.ts'

/** What a device is told to show of callers and of its person, when a server sends this as every name. */
function shownOf(name: string) {
  const callers: string[] = []
  const accounts: { name: string; username: string | null; email: string }[] = []
  const take = (missed: readonly { from: string }[]) => callers.push(...missed.map(({ from }) => from))
  const route = createMessageRouter({
    session: { updateAccount: (account: never) => accounts.push(shownAccount(account)) },
    reachability: { dispatch: () => {}, openConnection: () => null },
    calls: { dispatch: ({ call }: { call?: { from: string } }) => call?.from !== undefined && take([call]) },
    inbox: { welcomed: (_: string, missed: never) => take(missed), replaceMissed: take },
    people: { welcomed: () => {} },
  } as never)
  const account = { id: 'u', username: name, email: name.slice(0, 200), name, picture: null, language: null }
  const missed = [{ id: 'm', from: name, at: 1, why: 'busy' as const }]
  const messages: ServerMessage[] = [
    { type: 'welcome', protocol: protocolVersion, timing: defaultTiming, account, missed, ringing: [] },
    { type: 'ring', call: { id: 'a', from: name, at: 1, ringsFor: 45_000 } },
    { type: 'missed', missed },
    { type: 'account', account },
  ]
  for (const message of messages) {
    const parsed = parseServerMessage(JSON.stringify(message))
    if (parsed.kind !== 'message') throw new Error(`${message.type} is lost`)
    route(1, parsed.message)
  }
  return { callers, accounts }
}

const anything = fc.string({
  unit: fc.integer({ min: 0, max: 0x10ffff }).map((at) => String.fromCodePoint(at)),
})

test('U9.10 A4.4 no name takes a call with it, and all that is shown is a name', () => {
  fc.assert(
    fc.property(fc.oneof(anything, fc.string({ unit: 'binary', maxLength: 300 })), (name) => {
      const { callers, accounts } = shownOf(name)
      expect([callers.length, accounts.length]).toEqual([3, 2])
      for (const shown of [...callers, ...accounts.map((account) => account.name)])
        expect(nameError(shown)).toBeUndefined()
      for (const { username, email } of accounts)
        for (const shown of [username, email]) if (shown) expect(nameError(shown)).toBeUndefined()
    }),
    { numRuns: 2_000 },
  )
})

test('U9.10 what is not safe is cut from a name, and where nothing is left a neutral word stands in its place', () => {
  const first = (name: string) => shownOf(name).callers[0]
  expect(first('Ann\u202eeel\u202cLee')).toBe('Ann eel Lee')
  expect(first('Ann\u0000\u001b\nLee')).toBe('Ann Lee')
  expect(first('x'.repeat(10_000))).toBe(`${'x'.repeat(99)}…`)
  for (const nothing of ['', ' ', '\u200b\u2060', '\u202e', '\u3164', '\u0000']) {
    const { callers, accounts } = shownOf(nothing)
    expect(new Set(callers)).toEqual(new Set(['Unknown caller']))
    expect(accounts[0]).toEqual({ name: 'No name', username: null, email: '', picture: null })
  }
})

test('U9.10 who has no name is shown by what else they are known by', () => {
  const account = { username: 'ann', email: 'ann@a.example', name: '', picture: null }
  expect(shownAccount(account).name).toBe('ann')
  expect(shownAccount({ ...account, username: null }).name).toBe('ann@a.example')
})
