import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { root } from '../../scripts/root.ts'

const script = `
  import { runWithVitest } from './tests/support/run-with-vitest.ts'
  import AttackReporter from './tests/hostile/attack-reporter.ts'
  class Failures extends AttackReporter {
    onTestCaseResult(test) {
      for (const { message } of test.result().errors ?? []) console.log(test.name + ': ' + message)
    }
  }
  await runWithVitest(['tests/hostile/counted-attacks.ts'], new Failures())`

test('Z9.1 inputs are counted by class, what gets through fails, and the table says so at the end', () => {
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  })
  const lines = ran.stdout.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '))
  const row = (start: string) => lines.find((line) => line.startsWith(start))?.replace(/ [\d.]+$/, '')
  expect(row('hostile class'), ran.stdout + ran.stderr).toBe('hostile class of attack inputs through seconds')
  expect(row('caller held')).toBe('caller held inputs 4 0')
  expect(row('device inputs that')).toBe('device inputs that get through 3 1')
  expect(row('device inputs of')).toBe('device inputs of a broken test 5 1')
  expect(row('issuer nothing')).toBe('issuer nothing at all 0 1')
  expect(row('all')).toBe('all 4 classes 12 3')
  expect(lines).toContain('Z9.1 through: 1 of 3 inputs that get through got through:')
  expect(lines.find((line) => line.startsWith('two: '))).toMatch(/^two: found/)
  expect(lines).toContain('Z9.1 nothing: none of nothing at all was tried')
})
