import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { freePort } from './free-port.ts'
import type { XmppServer } from './start-prosody.ts'

/** What Debian's packages say that is installed, or undefined. */
export function ejabberdVersion(): string | undefined {
  try {
    const told = execFileSync('dpkg-query', ['--show', 'ejabberd'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return told.match(/\t(\d\S+)/)?.[1]
  } catch {
    return undefined
  }
}

/** Anybody may be anybody here: making thousands of accounts would take longer than measuring. */
const settings = (port: number) => `
hosts: [localhost]
loglevel: warning
log_rotate_count: 0
auth_method: anonymous
anonymous_protocol: login_anon
listen:
  - port: ${port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
modules:
  mod_ping: {}
`

/** ejabberd on a free port, as \`ejabberdctl foreground\` starts it, but with a folder of its own; it ends with the test. */
export async function startEjabberd(): Promise<XmppServer> {
  const folder = temporaryFolder()
  const port = await freePort()
  const file = join(folder, 'ejabberd.yml')
  writeFileSync(file, settings(port))
  const words = ['+K', 'true', '+P', '250000', '-noinput', '-mnesia', 'dir', `"${join(folder, 'spool')}"`]
  const child = spawn('erl', [...words, '-s', 'ejabberd'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      EJABBERD_CONFIG_PATH: file,
      EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
      ERL_LIBS: '/usr/lib/x86_64-linux-gnu',
    },
    stdio: 'ignore',
  })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    if (child.exitCode !== null || !child.kill('SIGKILL')) return
    await ended
  })
  const reach = async () => {
    const socket = connect({ port, host: '127.0.0.1' })
    await once(socket, 'connect').finally(() => socket.destroy())
  }
  await vi.waitFor(reach, { timeout: 60_000, interval: 200 })
  return {
    port,
    pid: child.pid ?? 0,
    command: `EJABBERD_CONFIG_PATH=ejabberd.yml erl ${words.slice(0, 5).join(' ')} -mnesia dir '"spool"' -s ejabberd`,
  }
}
