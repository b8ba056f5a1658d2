import { expect, onTestFinished, test } from 'vitest'
import { differingSetting, settingsPrint } from '../../../server/nodes/node-settings.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openInProcessService } from '../support/in-process-nodes.ts'

const settings = { authSecret: 's'.repeat(32), publicUrl: 'https://reachable.example' }

test('R1.5 what a node says of its settings tells which of them another has otherwise, and none of them', () => {
  const own = settingsPrint(settings)
  expect(own).not.toContain(settings.authSecret)
  expect(own).not.toContain('reachable')
  expect(differingSetting(own, settingsPrint({ ...settings }))).toBeUndefined()
  expect(differingSetting(own, null)).toBeUndefined()
  const other = { ...settings, publicUrl: 'https://other.example' }
  expect(differingSetting(own, settingsPrint(other))).toBe('PUBLIC_URL')
  expect(differingSetting(own, settingsPrint({ ...other, authSecret: 't'.repeat(32) }))).toBe('AUTH_SECRET')
})

test('R1.5 S6.17 a node does not start beside one that has another secret or address, and the doctor says so', async () => {
  const service = await openInProcessService()
  onTestFinished(() => service.close())
  const older = { id: 'older', startedAt: 0, writtenAt: Date.now(), drainingSince: null }
  await service.db.insertInto('node').values(older).execute()
  const first = await service.start()
  const name = `node ${first.node?.slice(0, 8)}`
  const other = { AUTH_SECRET: 'o'.repeat(32) }
  const refused = `The ${name} runs on the database in DATABASE_URL with another AUTH_SECRET than the one set here: give this node the same, or stop all nodes before you change it.`
  await expect(service.start({ env: other })).rejects.toThrow(refused)
  const elsewhere = { PUBLIC_URL: 'https://other.example' }
  await expect(service.start({ env: elsewhere })).rejects.toThrow('with another PUBLIC_URL than the one')
  await service.start()
  const ids = await service.db.selectFrom('node').select('id').where('id', '!=', 'older').execute()
  expect(ids).toHaveLength(2)
  const env = { ...service.settings, ...other }
  const { out, code } = await runCommand({ dataDir: temporaryFolder(), env }, 'doctor')
  expect(out).toMatch(
    new RegExp(`^wrong +nodes +The ${name} has another AUTH_SECRET than the one set here`, 'm'),
  )
  expect(code).toBe(1)
}, 60_000)

test('R1.5 of nodes with different secrets that start at once, no two go on', async () => {
  const service = await openInProcessService()
  onTestFinished(() => service.close())
  const started = await Promise.allSettled(
    ['a', 'b', 'c'].map((letter) => service.start({ env: { AUTH_SECRET: letter.repeat(32) } })),
  )
  expect(started.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(2)
}, 60_000)
