import { expect, test } from 'vitest'
import { createWorkProofs } from '../../../server/places/work-proofs.ts'
import { memoryDatabase } from '../people/memory-database.ts'
import { solved } from './solve-work.ts'

test('PV5.4 a proof is good once, and for its place alone', async () => {
  const db = await memoryDatabase()
  const work = createWorkProofs({ db, secret: 'a secret of this installation' })
  const proof = await solved(await work.challenge('one'))
  expect(await work.accept('other', proof)).toBe(false)
  expect(await work.accept('one', proof)).toBe(true)
  expect(await work.accept('one', proof)).toBe(false)
  const strange = createWorkProofs({ db, secret: 'of another installation' })
  expect(await work.accept('one', await solved(await strange.challenge('one')))).toBe(false)
})

test('PV5.4 what was not worked for, is made easier or is too old is none', async () => {
  const work = createWorkProofs({ db: await memoryDatabase(), secret: 'a secret' })
  const challenge = JSON.parse(await work.challenge('one'))
  const easy = { ...challenge, parameters: { ...challenge.parameters, cost: 1 } }
  const old = { ...challenge, parameters: { ...challenge.parameters, expiresAt: 1 } }
  const solution = { counter: 1, derivedKey: '00'.repeat(32) }
  for (const tried of [
    ...['', 'x', '{}', '[]', 'null', '"x"', JSON.stringify({ challenge }), JSON.stringify({ solution })],
    ...[challenge, easy, old].map((one) => JSON.stringify({ challenge: one, solution })),
  ])
    expect(await work.accept('one', tried), tried.slice(0, 60)).toBe(false)
})
