import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const { scripts } = v.parse(
  v.object({ scripts: v.record(v.string(), v.string()) }),
  JSON.parse(readFileSync(inRoot('package.json'), 'utf8')),
)

/** Each command as it is typed, and the file that it runs. */
const commands = [
  ...Object.entries(scripts).map(([name, script]) => [
    ['start', 'test'].includes(name) ? `npm ${name}` : `npm run ${name}`,
    script.replace(/^node scripts\/set-up\.mjs /, ''),
  ]),
  ['node server/main.ts', 'server/main.ts'],
] as const

async function helpOf(file: string) {
  const dataDir = temporaryFolder()
  const child = spawn(process.execPath, [inRoot(file), '--help'], {
    env: {
      PATH: process.env.PATH,
      DATA_DIR: dataDir,
      NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [ended, out, err] = await Promise.all([code, text(child.stdout), text(child.stderr)])
  return { code: ended, out, err, made: readdirSync(dataDir) }
}

test('S6.14 every command tells what it does, its options and examples, and does nothing', async () => {
  expect(commands.length).toBeGreaterThan(10)
  const helps = await Promise.all(commands.map(([, file = '']) => helpOf(file)))
  for (const [index, { code, out, err, made }] of helps.entries()) {
    const [command = ''] = commands[index] ?? []
    expect([command, code, err, made]).toEqual([command, 0, '', []])
    const [does = '', usage = '', ...more] = out.split('\n\n')
    expect(does).toMatch(/^[A-Z].+\.$/s)
    expect(usage).toMatch(new RegExp(`^Usage:\n {2}${command}( --|\n|$)`))
    const options = more.find((part) => part.startsWith('Options:\n')) ?? ''
    expect(options).toMatch(/\n {2}--help +shows this$/)
    const examples = more.find((part) => part.startsWith('Examples:\n')) ?? ''
    expect(examples).toContain(command)
    for (const line of out.split('\n').filter((line) => !line.includes(command)))
      expect(line.length).toBeLessThanOrEqual(100)
  }
})
