import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'

export const account = { address: 'ann@localhost', password: 'Correct-horse-7' }

/** What Debian's packages say that is installed, or undefined. */
export function prosodyVersion(): string | undefined {
  try {
    return execFileSync('prosodyctl', ['about'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).match(/Prosody (\d\S+)/)?.[1]
  } catch {
    return undefined
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** As Debian sets it up, but for loopback alone and with the ways by which a client can find out that its server is gone. */
const settings = (folder: string, port: number) => `
run_as_root = true
data_path = "${folder}"
pidfile = "${folder}/pid"
certificates = "${folder}"
log = { error = "*console" }
modules_enabled = { "roster", "saslauth", "disco", "websocket", "ping", "smacks", "carbons", "blocklist", "vcard4" }
modules_disabled = { "s2s", "tls" }
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
consider_websocket_secure = true
c2s_require_encryption = false
c2s_ports = {}
s2s_ports = {}
https_ports = {}
http_ports = { ${port} }
http_interfaces = { "127.0.0.1" }
VirtualHost "localhost"
`

/** Prosody with one account on a free port; it ends with the test. */
export async function startProsody() {
  const folder = temporaryFolder()
  const port = await freePort()
  const people = join(folder, 'localhost', 'accounts')
  mkdirSync(people, { recursive: true })
  writeFileSync(join(people, 'ann.dat'), `return { ["password"] = "${account.password}" };\n`)
  writeFileSync(join(folder, 'prosody.cfg.lua'), settings(folder, port))
  const url = `http://127.0.0.1:${port}`

  async function run(): Promise<ChildProcess> {
    const child = spawn('prosody', ['--config', join(folder, 'prosody.cfg.lua'), '-F'], { stdio: 'ignore' })
    await vi.waitFor(() => fetch(url), { timeout: 20_000 })
    return child
  }
  let child = await run()

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)

  return {
    url,
    kill,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    restart: async () => {
      child = await run()
    },
  }
}
