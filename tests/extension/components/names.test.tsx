// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest'
import { AccountMenu } from '../../../components/AccountMenu.tsx'
import { CallPage } from '../../../components/CallPage.tsx'
import { callWording } from '../../../components/call-wording.ts'
import { Popup } from '../../../components/Popup.tsx'
import { ServerForm } from '../../../components/ServerForm.tsx'
import { statusView } from '../../../components/StatusPanel.tsx'
import { WelcomePage } from '../../../components/WelcomePage.tsx'
import { badgeViewOf } from '../../../entrypoints/background/toolbar/badge-view.ts'
import { isolated } from '../../../messages/isolated.ts'
import { click, control, draw, text } from './draw.tsx'
import { asker, watchNothing } from './fake-asker.ts'
import { ann, call, missedCalls, reachable, signedIn, signedOut } from './states.ts'

const rightToLeft = ['رنا حداد', 'רות לוי', 'Dr. רות', '7 ‏x', 'ߒߞߏ', '𞤀𞤣']
const others = ['Ann Lee', '李小龍', 'Мария', 'Zoë 2', '👩🏽‍⚕️', '']

test('U9.11 a name is isolated in a sentence exactly where it is written from right to left', () => {
  for (const name of rightToLeft) expect(isolated(name)).toBe(`\u2068${name}\u2069`)
  for (const name of others) expect(isolated(name)).toBe(name)
})

const ruth = 'רות לוי'
const person = { ...reachable(), session: { kind: 'signed-in', account: { ...ann, name: ruth } } } as const

/** The name in each text of the page, where it does not stand in an element of its own, is isolated. */
function expectIsolated(): void {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  let found = 0
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode as Text
    if (!data.includes(ruth)) continue
    found += 1
    expect(parentElement?.localName === 'bdi' ? data : data.replaceAll(isolated(ruth), ''), data).not.toMatch(
      parentElement?.localName === 'bdi' ? /\u2068/ : /[\u0590-\u05ff]/,
    )
  }
  for (const element of document.querySelectorAll('[aria-label]')) {
    const label = element.getAttribute('aria-label') ?? ''
    if (label.includes(ruth)) expect(label).toContain(isolated(ruth))
  }
  expect(found).toBeGreaterThan(0)
}

test('U9.11 popup, call window, menu, options and welcome page isolate names', async () => {
  const { ask } = asker()
  const phases = ['ringing', 'connection-lost', { over: 'lost' }] as const
  const calls = phases.map((phase, at) => call(phase, { id: `c${at}`, from: ruth }))
  await draw(<Popup state={{ ...person, calls }} ask={ask} watch={watchNothing} />)
  expectIsolated()
  const missed = missedCalls(2, 0).map((one) => ({ ...one, from: ruth }))
  await draw(<Popup state={{ ...person, missed }} ask={ask} watch={watchNothing} />)
  expectIsolated()
  await draw(<CallPage state={{ ...person, calls }} ask={ask} id="c1" close={vi.fn()} />)
  expectIsolated()
  await draw(<AccountMenu account={person.session.account} ask={ask} />)
  await click(control('Account menu'))
  expectIsolated()
  await draw(<ServerForm server="https://a.example" signedInAs={ruth} ask={ask} />)
  expectIsolated()
  await draw(<WelcomePage state={person} ask={ask} browser="firefox" />)
  expectIsolated()
  await draw(
    <Popup
      state={{ ...signedOut(), offers: { ...signedIn.offers, issuer: ruth } }}
      ask={ask}
      watch={watchNothing}
    />,
  )
  expect(text()).toContain(`Sign in with ${isolated(ruth)}`)
})

test('U9.11 G1.1 so do the sentences of badge, status and calls', () => {
  expect(
    badgeViewOf(person, true, { exactly: () => '10:00:00', moment: () => '10:00', until: () => '11:00' })
      .title,
  ).toContain(`reach you, ${isolated(ruth)}.`)
  expect(statusView(person.reachability, ruth).sentence).toBe(`Calls can reach you, ${isolated(ruth)}.`)
  for (const phase of ['checking', 'connection-lost', { unheard: 'answer', why: 'server-silent' }] as const)
    expect(callWording(call(phase, { from: ruth }))).toContain(`${isolated(ruth)} may still be waiting`)
})
