import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { checkingView, type ToolbarIcon } from '../../../entrypoints/background/toolbar/badge-view.ts'
import { createToolbar } from '../../../entrypoints/background/toolbar/toolbar.ts'
import { type Fate, iconBrowser, leave, type Reading, readFilesHere } from './icon-browser.ts'

const numRuns = Number(process.env.TRUTH_SCHEDULES ?? 1_000)

const view = (icon: ToolbarIcon) => ({ ...checkingView, icon })
const off = 'unreachable-lettered'
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

test('G2.5 of two icons the later one stays, however much faster the browser is with it', async () => {
  const { drawn } = iconBrowser({ drawn: 50, told: 0 }, { drawn: 5, told: 0 })
  createToolbar().show(view(off))
  await pass(5)
  expect(drawn).toEqual([off])
  await pass(100)
  expect(drawn).toEqual([off, 'checking', off])
})

test('G2.5 an icon waits for no other, also not for one that the browser never says is drawn', async () => {
  const { asked } = iconBrowser('never ends')
  createToolbar().show(view(off))
  await pass(0)
  expect(asked).toEqual(['checking by its files', `${off} by its files`])
})

test('G2.5 an icon that is drawn a minute late, after its turn was given up, does not stay', async () => {
  const { drawn } = iconBrowser({ drawn: 60_000, told: 0 })
  createToolbar().show(view(off))
  await pass(59_999)
  expect(drawn.at(-1)).toBe(off)
  await pass(1)
  expect(drawn.slice(-2)).toEqual(['checking', off])
})

test('G2.5 a worker reads each icon once, and draws it at once from then on', async () => {
  const files = readFilesHere()
  const { asked } = iconBrowser()
  const toolbar = createToolbar()
  await pass(100)
  expect(files).toHaveLength(8)
  toolbar.show(view('reachable'))
  await pass(100)
  expect(files).toHaveLength(12)
  for (const icon of [off, 'reachable', 'checking', off] as const) {
    toolbar.show(view(icon))
    expect(asked.at(-1)).toBe(icon)
    await pass(1)
  }
  expect(asked).toEqual(['checking', 'reachable', off, 'reachable', 'checking', off])
  expect(new Set(files).size).toBe(12)
})

test('G2.5 a lease that ends is drawn at once, though no file can be read any more', async () => {
  readFilesHere(...Array.from({ length: 12 }, () => ({ after: 1, comes: true })), 'never ends', 'never ends')
  const { asked, drawn } = iconBrowser()
  const toolbar = createToolbar()
  await pass(10)
  toolbar.show(view('reachable'))
  await pass(10)
  toolbar.show(view('ringing-a'))
  await pass(10)
  toolbar.show(view(off))
  expect(asked.at(-1)).toBe(off)
  await pass(5_000)
  expect(drawn).toEqual(['checking', 'reachable', off])
})

test('G2.5 an icon that is wanted no longer when its files are read is passed over', async () => {
  readFilesHere()
  const { drawn } = iconBrowser()
  const toolbar = createToolbar()
  for (const icon of ['ringing-a', 'ringing-b', 'reachable'] as const) toolbar.show(view(icon))
  await pass(100)
  expect(new Set(drawn)).toEqual(new Set(['reachable']))
})

test.each<[string, Reading]>([
  ['cannot be read', { after: 1, comes: false }],
  ['are not read within a second', 'never ends'],
])('G2.5 an icon whose files %s is drawn by them, and by its pixels the next time', async (_, look) => {
  readFilesHere(look)
  const { asked } = iconBrowser()
  const toolbar = createToolbar()
  await pass(1_000)
  expect(asked).toEqual(['checking by its files'])
  toolbar.show(view(off))
  await pass(100)
  toolbar.show(view('checking'))
  await pass(1_000)
  expect(asked).toEqual(['checking by its files', off, 'checking'])
})

const icons: readonly ToolbarIcon[] = ['reachable', 'checking', off, 'ringing-a', 'ringing-b']

const ms = fc.oneof(fc.nat(20), fc.nat(3_000))
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ drawn: ms, told: ms }) },
  fc.record({ refused: ms }),
  fc.constantFrom<Fate>('throws', 'never ends'),
)
const look: fc.Arbitrary<Reading> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ after: ms, comes: fc.boolean() }) },
  fc.constant('never ends'),
)
const change = fc.record({ icon: fc.constantFrom(...icons), after: ms })

test.each([
  ['by its files', false],
  ['from memory', true],
])(
  'G2.5 whatever becomes of drawings and files, the icon that is wanted is drawn %s in the end, and stays',
  async (_, inWorker) => {
    let overtaken = 0
    const holds = async (
      changes: { icon: ToolbarIcon; after: number }[],
      fates: Fate[],
      looks: Reading[],
    ) => {
      if (inWorker) readFilesHere(...looks)
      const { drawn, asked } = iconBrowser(...fates)
      try {
        const toolbar = createToolbar()
        for (const { icon, after } of changes) {
          await pass(after)
          toolbar.show(view(icon))
        }
        const wanted = changes.at(-1)?.icon ?? 'checking'
        // Each drawing that goes wrong takes two seconds at most, until the next is asked for.
        await pass(10_000 + 3_000 * fates.length)
        expect(drawn.at(-1)).toBe(wanted)
        if (drawn.slice(0, -1).includes(wanted)) overtaken += 1
        const before = asked.length
        await pass(10_000)
        expect(asked).toHaveLength(before)
      } finally {
        leave()
      }
    }
    const some = { maxLength: 8 }
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, some),
        fc.array(fate, some),
        fc.array(look, { maxLength: 24 }),
        holds,
      ),
      { numRuns },
    )
    expect(overtaken).toBeGreaterThan(numRuns / 100)
  },
  600_000,
)
