import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { temporaryFolder } from '../temporary-folder.ts'

interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** At a terminal of its own, made by `script` of util-linux. */
  readonly atTerminal?: boolean
}

/** Runs what `npm start` runs, with data of its own and at a port that is free. */
export function npmStart(words: readonly string[], { env = {}, atTerminal = false }: Options = {}) {
  const dataDir = temporaryFolder()
  const command = [process.execPath, inRoot('scripts', 'start.ts'), ...words]
  const quoted = command.map((word) => `'${word}'`).join(' ')
  const [file = '', ...parameters] = atTerminal
    ? ['script', '--quiet', '--return', '--command', `exec ${quoted}`, '/dev/null']
    : command
  const child = spawn(file, parameters, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: dataDir, PORT: '0', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    dataDir,
    said: () => said,
    /** The exit code. */
    ended,
    server: () => readOperatorFile(join(dataDir, 'operator.json')),
    type: (text: string) => child.stdin.write(text),
  }
}
