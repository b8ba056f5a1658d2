import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
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
const commands: readonly (readonly [typed: string, file: string])[] = [
  ...Object.entries(scripts).map(
    ([name, script]) =>
      [
        ['start', 'test'].includes(name) ? `npm ${name}` : `npm run ${name}`,
        script.replace(/^node scripts\/set-up\.mjs /, ''),
      ] as const,
  ),
  ['node server/main.ts', 'server/main.ts'],
]

/** Asks in a process that may read files, and neither write one nor start another process: it fails where it tries. */
async function helpOf(file: string) {
  const permissions = [
    '--permission',
    '--allow-fs-read=*',
    '--allow-addons',
    '--disable-warning=SecurityWarning',
  ]
  const child = spawn(process.execPath, [...permissions, inRoot(file), '--help'], {
    env: { PATH: process.env.PATH, DATA_DIR: temporaryFolder() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [ended, out, err] = await Promise.all([code, text(child.stdout), text(child.stderr)])
  return { code: ended, out, err }
}

test('S6.14 no command is left out', () => expect(commands.length).toBeGreaterThan(10))

test.each(commands)(
  'S6.14 %s tells what it does, its options and examples, and does nothing',
  async (command, file) => {
    const { code, out, err } = await helpOf(file)
    expect([code, err]).toEqual([0, ''])
    const [does = '', usage = '', ...more] = out.split('\n\n')
    expect(does).toMatch(/^[A-Z].+\.$/s)
    expect(usage).toMatch(new RegExp(`^Usage:\n {2}${command}( --|\n|$)`))
    const options = more.find((part) => part.startsWith('Options:\n')) ?? ''
    expect(options).toMatch(/\n {2}--help +shows this$/)
    const examples = more.find((part) => part.startsWith('Examples:\n')) ?? ''
    expect(examples).toContain(command)
    for (const line of out.split('\n').filter((line) => !line.includes(command)))
      expect(line.length).toBeLessThanOrEqual(100)
  },
)
