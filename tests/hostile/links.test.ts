import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { activateLink, makeLink } from '../../server/accounts/links.ts'
import { hashOf, newSecret } from '../../server/accounts/secrets.ts'
import { accountLink, cookieOf } from '../server/my-account/at-account.ts'
import { callerOf, trySignIn } from '../server/support/api-client.ts'
import { getPage, sendForm } from '../server/support/html-pages.ts'
import { startInProcessServer } from '../server/support/in-process-server.ts'
import { addPeople, ann, ben, sessionOf } from '../server/support/people.ts'
import { reachableDevice } from '../server/support/websocket-device.ts'
import { ask } from './ask.ts'
import { attack } from './count.ts'

const chosen = { password: 'Evening-primrose-44', again: 'Evening-primrose-44', username: 'eve', name: 'Eve' }

/** What somebody makes of a secret that they have seen a part of, or the hash of, or another one. */
const madeOf = (secret: string): readonly string[] => [
  ...['', ' ', secret.slice(1), secret.slice(0, -1), `${secret}x`, `x${secret}`, `${secret}${secret}`],
  ...[secret.toUpperCase(), secret.toLowerCase(), hashOf(secret), [...secret].reverse().join('')],
  ...[
    `${secret.slice(0, 20)}%00${secret.slice(20)}`,
    `${secret}%00`,
    `${secret}.`,
    `${secret}/`,
    `${secret}?`,
    `${secret}%2f..`,
  ],
  ...[
    '__proto__',
    'null',
    'undefined',
    '0',
    '*',
    '%25',
    '..',
    "'%20or%201=1--",
    newSecret(),
    newSecret(),
    'x'.repeat(512),
  ],
]

test('Z3.8 W3.4 W3.9 no link opens anything but itself, for what it was made, once and in its time', async () => {
  const server = await startInProcessServer()
  const [annId = '', benId = ''] = await addPeople(server.dataDir, ann, ben)
  const db = await server.db()
  const secret = readFileSync(join(server.dataDir, 'secret'), 'utf8').trim()
  const make = async (kind: 'reset' | 'invitation' | 'sign-up', userId?: string) => {
    const email = userId === annId ? ann.email : userId === benId ? ben.email : `${kind}@clinic.example`
    const id = await makeLink(
      db,
      { kind, email, ...(userId !== undefined && { userId }) },
      server.clock.wall(),
    )
    return { id, token: (await activateLink(db, secret, id, server.clock.wall()))?.token ?? '' }
  }
  const older = await make('reset', annId)
  const reset = await make('reset', annId)
  const [invitation, signUp] = [await make('invitation'), await make('sign-up')]
  const people = () => db.selectFrom('account').select(['userId', 'password']).orderBy('userId').execute()
  const before = await people()
  const links = attack('device', 'links that are none')
  const dead = (path: string) =>
    links.hold(path.slice(0, 60), async () => {
      const look = await getPage(server, path)
      const sent = await sendForm(server, path, chosen)
      expect([404, 410, 303]).toContain(look.status)
      expect(await look.text()).not.toMatch(/ann@|ben@|value="ann"/)
      expect([404, 403, 410]).toContain(sent.status)
      expect(await people()).toEqual(before)
    })
  // What is empty, or ends with what does not count, is another page's address or the link itself.
  for (const path of ['/password/reset', '/invitation', '/sign-up'])
    for (const token of madeOf(
      { '/password/reset': reset, '/invitation': invitation, '/sign-up': signUp }[path]?.token ?? '',
    ))
      if (!/^\s*$|\?$|^\.\.$/.test(token)) await dead(`${path}/${token}`)
  // Of another kind, by its id, or one that a newer one ended.
  for (const [path, token] of [
    ['/password/reset', invitation.token],
    ['/password/reset', signUp.token],
    ['/invitation', reset.token],
    ['/invitation', signUp.token],
    ['/sign-up', reset.token],
    ['/sign-up', invitation.token],
    ['/password/reset', reset.id],
    ['/invitation', invitation.id],
    ['/password/reset', older.token],
  ] as const)
    await dead(`${path}/${token}`)
  expect((await sendForm(server, `/password/reset/${reset.token}`, chosen)).status).toBe(303)
  await links.hold('a link that was used', async () =>
    expect(
      (
        await sendForm(server, `/password/reset/${reset.token}`, {
          ...chosen,
          password: 'Evening-primrose-45',
          again: 'Evening-primrose-45',
        })
      ).status,
    ).toBe(410),
  )
  await links.hold('eight at once', async () => {
    const { token } = await make('reset', benId)
    const sent = Array.from({ length: 8 }, (_, n) => {
      const password = `Evening-primrose-${50 + n}`
      return sendForm(server, `/password/reset/${token}`, { password, again: password })
    })
    expect((await Promise.all(sent)).filter(({ status }) => status === 303)).toHaveLength(1)
  })
  links(7)
  await links.hold('a day later', async () => {
    const { token } = await make('reset', annId)
    server.clock.advance(24 * 3_600_000)
    expect((await sendForm(server, `/password/reset/${token}`, chosen)).status).toBe(410)
  })
  expect((await trySignIn(server, { login: 'ann', password: chosen.password })).status).toBe(200)
})

test('Z3.8 W6.3 W6.9 nothing opens My account but its own cookie, and an address of it once', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann, ben)
  const token = await sessionOf(server, ann, 'device-1')
  const { pathname, search, searchParams } = await accountLink(server, token)
  const cookie = cookieOf(await getPage(server, pathname + search))
  const [name = '', value = ''] = cookie.split('=')
  const db = await server.db()
  const kept = await db.selectFrom('webSession').select(['hash', 'sessionId']).executeTakeFirstOrThrow()
  const opened = attack('device', 'cookies and codes that open nothing')
  const shut = (what: string, given: string) =>
    opened.hold(what.slice(0, 60), async () => {
      const { status, body } = await ask(`${server.url}/account`, { headers: [['cookie', given]] })
      expect(status).toBe(403)
      expect(body).not.toMatch(/Ann Able|ann@/)
    })
  for (const other of madeOf(value).filter((one) => one.trim() !== ''))
    await shut(`a cookie ${other}`, `${name}=${encodeURIComponent(other)}`)
  for (const [what, other] of Object.entries({
    'its hash': kept.hash,
    'the session': kept.sessionId,
    'the token': token,
    'the code': searchParams.get('code') ?? '',
  }))
    await shut(what, `${name}=${other}`)
  await shut('another name', `x${name}=${value}`)
  await shut('another case', `${name.toUpperCase()}=${value}`)
  await shut('a made-up one first', `${name}=x; ${cookie}`)
  const code = (await accountLink(server, token)).searchParams.get('code') ?? ''
  for (const other of [...madeOf(code), searchParams.get('code') ?? ''].filter(
    (one) => !/[?/.\s]$/.test(one),
  ))
    await opened.hold(`a code ${other.slice(0, 40)}`, async () => {
      const { status, headers } = await getPage(server, `/account/redeem?code=${other}`)
      expect([status, headers.getSetCookie()]).toEqual([410, []])
    })
  await opened.hold('a code twenty times at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => getPage(server, `/account/redeem?code=${code}`)),
    )
    expect(
      answers.filter(({ headers }) => headers.getSetCookie().some((line) => !/Max-Age=0/.test(line))),
    ).toHaveLength(1)
  })
  opened(19)
  await opened.hold('a code after a minute', async () => {
    const late = await accountLink(server, token)
    server.clock.advance(61_000)
    expect((await getPage(server, late.pathname + late.search)).status).toBe(410)
  })
  await opened.hold('after the session is over', async () => {
    const late = await accountLink(server, token)
    await db.deleteFrom('session').execute()
    expect((await getPage(server, late.pathname + late.search)).status).toBe(410)
    expect((await ask(`${server.url}/account`, { headers: [['cookie', cookie]] })).status).toBe(403)
  })
})

test('Z3.8 RM7.1 no room opens but by its own address, and only once its call was answered', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const rooms = attack('device', 'rooms that are none')
  const device = await reachableDevice(server, ann)
  const placing = callerOf(server).place('ann', 'Dr Bell')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  const db = await server.db()
  const { room } = await db.selectFrom('call').select('room').executeTakeFirstOrThrow()
  const shut = (what: string) =>
    rooms.hold(what.slice(0, 60), async () => {
      const { status, body } = await ask(`${server.url}/rooms/${what}`, {
        headers: [['accept', 'text/html']],
      })
      expect(status).toBe(404)
      expect(body).not.toMatch(/Dr Bell|Able/)
    })
  await shut(room)
  await shut(call.id)
  device.send({ type: 'answer', call: call.id })
  await device.next('over')
  for (const other of [...madeOf(room), call.id].filter(
    (one) => !/[?\s]$/.test(one) && one !== '' && one !== '..',
  ))
    await shut(other)
  // Whether its page was built is another matter.
  expect((await fetch(`${server.url}/rooms/${room}`)).status).not.toBe(404)
})
