// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PressHeard } from '../../../components/PressHeard.tsx'
import type { ListPageProps } from '../../../components/page-props.ts'
import { doing, draw } from './draw.tsx'
import { asker, watchNothing } from './fake-asker.ts'
import { signedIn } from './states.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const gone = () => Promise.reject(new Error('gone'))
const said = () => document.querySelector('.press-unheard')?.textContent

/** A page of which each press is one that a person makes somewhere in it. */
async function page(answers: Parameters<typeof asker>[0]) {
  let props: ListPageProps | undefined
  const { ask, of } = asker(answers)
  const Page = (given: ListPageProps) => {
    props = given
    return <main>{given.state.session.kind}</main>
  }
  await draw(<PressHeard Page={Page} state={signedIn} ask={ask} watch={watchNothing} />)
  const press: ListPageProps['ask'] = async (command, payload) => {
    let reply: unknown
    await doing(() =>
      props?.ask(command, payload).then(
        (one) => (reply = one),
        () => (reply = 'rejected'),
      ),
    )
    return reply as never
  }
  return { press, of }
}

test.each([
  ['answer', { call: 'c1' }, 'Reachable may not have heard that you answer. Press again.'],
  ['decline', { call: 'c1' }, 'Reachable may not have heard that you decline. Press again.'],
  ['call-contact', { contact: 'ben' }, 'Reachable did not answer. If no call appears, try again.'],
] as const)(
  'P7.3 of "%s" that was not heard the page says so, until it is pressed again',
  async (command, payload, sentence) => {
    let answer: () => object | Promise<object> = gone
    const { press } = await page({ [command]: () => answer() })
    expect(await press(command, payload)).toBe('rejected')
    expect(said()).toBe(sentence)
    answer = () => ({ ok: true })
    expect(await press(command, payload)).toEqual({ ok: true })
    expect(said()).toBe('')
  },
)

test('P7.3 it covers what stands there for ten seconds', async () => {
  const { press } = await page({ answer: gone })
  await press('answer', { call: 'c1' })
  await doing(() => vi.advanceTimersByTime(9_900))
  expect(said()).not.toBe('')
  await doing(() => vi.advanceTimersByTime(200))
  expect(said()).toBe('')
})

test('P7.3 what says itself what became of it is left to do so', async () => {
  const { press, of } = await page({ 'send-message': gone })
  expect(await press('send-message', { contact: 'ben', text: 'Hello', key: 'k' })).toBe('rejected')
  expect([said(), of('send-message').length]).toEqual(['', 1])
})
