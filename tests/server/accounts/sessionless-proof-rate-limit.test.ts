import { expect, test } from 'vitest'
import {
  addProof,
  type Bucket,
  createSessionlessProofRateLimit,
} from '../../../server/accounts/sessionless-proof-rate-limit.ts'
import { endSession, postFrom } from '../support/api-client.ts'
import { keyOf } from '../support/dpop-proofs.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, sessionOf, settle } from '../support/people.ts'

/** So many proofs of one address, spread evenly. @returns how many were let in. */
function letIn(proofs: number, every: number): number {
  let bucket: Bucket | undefined
  let admitted = 0
  for (let n = 0; n < proofs; n += 1) {
    const one = addProof(bucket, n * every)
    bucket = one.bucket
    if (one.wait === 0) admitted += 1
  }
  return admitted
}

test('K2.7 three hundred people of one address may come in the same moment, and six more each second', () => {
  expect(letIn(301, 0)).toBe(300)
  expect(letIn(3_000, 1_000 / 6)).toBe(3_000)
  expect(letIn(10_000, 1)).toBeLessThanOrEqual(300 + 60)
  const full = { proofs: 300, at: 0 }
  const { wait } = addProof(full, 0)
  expect(wait).toBe(167)
  expect(addProof(full, wait).wait).toBe(0)
})

test('K2.7 each address has its own bucket, and only so many are remembered', () => {
  const waitOf = createSessionlessProofRateLimit(2)
  for (let n = 0; n < 300; n += 1) waitOf('a', 0)
  expect(waitOf('a', 0)).toBeGreaterThan(0)
  expect(waitOf('b', 0)).toBe(0)
  expect(waitOf('a', 0)).toBeGreaterThan(0)
  waitOf('c', 0)
  expect(waitOf('a', 0), 'the one heard of longest ago was forgotten').toBeGreaterThan(0)
  waitOf('d', 0)
  waitOf('e', 0)
  expect(waitOf('a', 0)).toBe(0)
})

test('K2.7 a whole IPv6 network has one bucket', () => {
  const waitOf = createSessionlessProofRateLimit()
  for (let n = 0; n < 300; n += 1) waitOf(`2001:db8::${n.toString(16)}`, 0)
  expect(waitOf('2001:db8::ffff', 0)).toBeGreaterThan(0)
  expect(waitOf('2001:db8:0:1::1', 0)).toBe(0)
})

test('K2.7 proofs of no session beyond the limit are refused and cost no write; those of a session go on', async () => {
  const server = await startInProcessServer()
  const db = await server.db()
  const ask = () => endSession(server, 'x'.repeat(43))
  const answers: Response[] = []
  const refusedOf = () => answers.filter(({ status }) => status === 429)
  while (refusedOf().length === 0 && answers.length < 1_000)
    answers.push(...(await Promise.all(Array.from({ length: 30 }, ask))))
  const refused = refusedOf()
  expect(refused.length).toBeGreaterThan(0)
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused[0]?.json()).toMatchObject({ error: 'too-many-attempts' })
  const rows = await db.selectFrom('proof').select('hash').execute()
  expect(rows).toHaveLength(answers.length - refused.length)

  await settle(server, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const own = await postFrom(await keyOf('device-1'), server, '/api/account/link', {}, {}, token)
  expect(own.ok, 'the address is still waiting, but this one shows a session').toBe(true)
})
