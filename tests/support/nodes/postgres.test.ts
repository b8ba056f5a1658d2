import { Client } from 'pg'
import { expect, test } from 'vitest'
import { startPostgres, startStandby, testPostgres } from './postgres.ts'

const openClient = async (url: string) => {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

test('H7.6 each test has a database of its own in one PostgreSQL of the run', async () => {
  const [one, other] = await Promise.all([testPostgres(), testPostgres()])
  expect(one).not.toBe(other)
  expect(new URL(one).port).toBe(new URL(other).port)
  const client = await openClient(one)
  await client.query('create table kept (n int)')
  await client.end()
  const second = await openClient(other)
  await expect(second.query('select * from kept')).rejects.toThrow('does not exist')
  await second.end()
})

test('H7.6 a PostgreSQL of a test can be killed, frozen, made read-only and replaced by its standby', async () => {
  const first = await startPostgres()
  await first.query('create table kept (n int)')
  const standby = await startStandby(first)
  await first.query('insert into kept values (1)')
  await first.setReadOnly(true)
  await expect(first.query('insert into kept values (2)')).rejects.toThrow('read-only')
  await first.setReadOnly(false)
  await first.kill()
  await expect(first.query('select 1')).rejects.toThrow()
  await first.start()
  expect(await first.query('select n from kept')).toEqual([{ n: 1 }])
  await expect.poll(() => standby.query('select n from kept')).toEqual([{ n: 1 }])
  first.freeze()
  await expect(standby.query('insert into kept values (3)')).rejects.toThrow('read-only')
  await standby.query('select pg_promote()')
  await standby.query('insert into kept values (3)')
  expect(await standby.query('select n from kept order by n')).toEqual([{ n: 1 }, { n: 3 }])
  first.thaw()
})
