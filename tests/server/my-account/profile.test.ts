import { expect, test } from 'vitest'
import { textOf } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'
import { openAccount, withCookie } from './at-account.ts'

async function annAtHome() {
  const server = await startInProcessServer()
  await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const db = await server.db()
  const kept = () => db.selectFrom('user').selectAll().executeTakeFirstOrThrow()
  const recorded = async () =>
    (await db.selectFrom('audit').select('detail').where('what', '=', 'account-changed').execute()).map(
      ({ detail }) => JSON.parse(detail).fields,
    )
  return { server, token, pages: await openAccount(server, token), kept, recorded }
}

test('W7.1 a new name is on every device of the person at once', async () => {
  const { server, token, pages, recorded } = await annAtHome()
  const here = await connectDevice(server.url, token, 'device-1')
  const there = await connectDevice(server.url, await sessionOf(server, ann, 'device-2'), 'device-2')
  const answer = await pages.sendForm('/account/name', { name: '  Ann  B. Able\n' })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/account'])
  for (const device of [here, there])
    expect((await device.next('account')).account).toMatchObject({ name: 'Ann  B. Able', email: ann.email })
  expect(await textOf(await pages.getPage())).toContain('Your name is changed.')
  expect(await recorded()).toEqual(['name'])
})

test('W7.2 sending the same form twice, or in two tabs at once, changes once and fails nobody', async () => {
  const { pages, kept, recorded } = await annAtHome()
  const answers = await Promise.all([1, 2, 3].map(() => pages.sendForm('/account/name', { name: 'Anna' })))
  expect(answers.map(({ status }) => status)).toEqual([303, 303, 303])
  expect((await kept()).name).toBe('Anna')
  expect(await recorded()).toEqual(['name'])
})

test('W2.9 a name that cannot be is refused beside its field, and stays there to be corrected', async () => {
  const { pages, kept } = await annAtHome()
  const bad = [
    ['', 'Enter your name.'],
    [' \n ', 'Enter your name.'],
    ['x'.repeat(10_240), 'A name has at most 100 characters.'],
    ['Ann\0Able', 'A name cannot have control characters in it.'],
    ['Ann\u202eAble', 'A name cannot have control characters in it.'],
  ]
  for (const [name = '', words] of bad) {
    const refused = await pages.sendForm('/account/name', { name })
    const text = await refused.clone().text()
    expect(refused.status).toBe(422)
    expect(text).toContain(`<p class="error" id="name-error">${words}</p>`)
    expect(text).toContain('aria-invalid="true"')
    expect(await textOf(refused)).toContain('One thing has to be corrected:')
  }
  expect((await kept()).name).toBe(ann.name)
  expect((await pages.sendForm('/account/name', { name: 'x'.repeat(200_000) })).status).toBe(413)
})

test('W7.4 HTML in a name is a name', async () => {
  const { pages } = await annAtHome()
  const name = '<script>alert(1)</script> "Ann" & \'Co\''
  await pages.sendForm('/account/name', { name })
  const page = await pages.getPage()
  expect(await page.clone().text()).not.toContain('<script>alert')
  expect(await page.text()).toContain(
    'value="&lt;script&gt;alert(1)&lt;/script&gt; &quot;Ann&quot; &amp; &#39;Co&#39;"',
  )
})

test('W7.5 PM3.2 language, mails and read marks are chosen, shown, told to the devices and recorded', async () => {
  const { server, token, pages, kept, recorded } = await annAtHome()
  const connection = await connectDevice(server.url, token, 'device-1')
  expect(await kept()).toMatchObject({ mailMissed: 1, mailNames: 0, mailUnread: 1, tellsRead: 0 })
  await pages.sendForm('/account/settings', { language: 'de', mailNames: 'on', tellsRead: 'on' })
  expect((await connection.next('account')).account.language).toBe('de')
  expect(await kept()).toMatchObject({
    ...{ language: 'de', mailMissed: 0, mailNames: 1, mailUnread: 0, tellsRead: 1 },
  })
  const page = await pages.getPage()
  const text = await page.clone().text()
  expect(text).toContain('<html lang="de">')
  expect(text).toMatch(/<select[^>]* autocomplete="off"/)
  expect(text.match(/<input[^>]* type="checkbox"[^>]* autocomplete="off"/g)).toHaveLength(4)
  expect(text).toMatch(/name="mailNames" type="checkbox" value="on" checked/)
  expect(text).toMatch(/name="tellsRead" type="checkbox" value="on" checked/)
  expect(text).not.toMatch(/name="(mailMissed|mailUnread)" type="checkbox" value="on" checked/)
  expect(await textOf(page)).toContain('Ihre Einstellungen sind gespeichert.')
  await pages.sendForm('/account/settings', { language: 'tlh', mailMissed: 'on', mailNames: 'on' })
  expect(await kept()).toMatchObject({
    ...{ language: null, mailMissed: 1, mailNames: 1, mailUnread: 0, tellsRead: 0 },
  })
  expect(await recorded()).toEqual([
    'language mailMissed mailUnread mailNames tellsRead',
    'language mailMissed tellsRead',
  ])
})

test('W2.10 until a person has chosen, the pages are in the language that the browser asks for', async () => {
  const { server, pages } = await annAtHome()
  const inFrench = await fetch(`${server.url}/account`, {
    headers: { cookie: pages.cookie, 'accept-language': 'fr-CH, en;q=0.5' },
  })
  expect(await textOf(inFrench)).toContain('Mon compte')
})

test('W7.7 nothing is said to be done that this browser has not just done', async () => {
  const { server, pages } = await annAtHome()
  for (const done of ['password', 'name', 'constructor', '<b>', ''])
    expect(await (await pages.getPage(`/account?done=${done}`)).text()).not.toContain('class="done"')
  for (const done of ['constructor', 'nothing'])
    expect(
      await (await withCookie(server, `${pages.cookie}; reachable-done=${done}`).getPage()).text(),
    ).not.toContain('class="done"')
  // Nobody's device was signed out.
  await pages.sendForm('/account/device', { session: 'nobody’s' })
  expect(await (await pages.getPage()).text()).not.toContain('class="done"')
  await pages.sendForm('/account/settings', { mailMissed: 'on' })
  expect(await (await pages.getPage()).text()).toContain('class="done"')
  expect(await (await pages.getPage()).text(), 'once').not.toContain('class="done"')
})

test('W7.8 the address of a form leads back to the page', async () => {
  const { pages } = await annAtHome()
  for (const form of ['name', 'settings', 'unlink', 'device', 'devices', 'leave']) {
    const answer = await pages.getPage(`/account/${form}`)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/account'])
  }
})
