import { type ChildProcess, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { readOperatorFile } from '../../server/operator-file.ts'
import { inRoot, root } from '../root.ts'

export interface RunningServer {
  readonly process: ChildProcess
  /** Its address once it listens; undefined when it ended before, having said why. */
  readonly url: Promise<string | undefined>
}

const lookEvery = 25

/**
 * Starts the server on the embedded database, with demo accounts when there are none yet. It stands in
 * a process group of its own, so that Ctrl-C reaches it once, by way of whoever started it. It ends with this
 * process, and with the parent of this process that gave it a channel, however they end.
 */
export function runServer(): RunningServer {
  const child = spawn(process.execPath, [inRoot('server', 'main.ts'), '--follow-parent'], {
    cwd: root,
    env: { DEMO_ACCOUNTS: '1', ...process.env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: process.platform !== 'win32',
  })
  process.once('disconnect', () => child.kill('SIGTERM'))
  const operatorFile = join(resolve(root, process.env.DATA_DIR || 'data'), 'operator.json')
  const url = new Promise<string | undefined>((found) => {
    const looking = setInterval(() => {
      const operator = readOperatorFile(operatorFile)
      if (operator?.pid === child.pid) settle(operator?.url)
    }, lookEvery)
    const settle = (address: string | undefined) => {
      clearInterval(looking)
      found(address)
    }
    child.once('error', () => settle(undefined))
    child.once('exit', () => settle(undefined))
  })
  return { process: child, url }
}
