import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { freePort } from './free-port.ts'
import { accountName, password } from './xmpp-account.ts'

/** A server of a peer's that speaks XMPP over TCP. */
export interface XmppServer {
  readonly port: number
  readonly pid: number
  /** What starts it, as it would be typed. */
  readonly command: string
}

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

/** As Debian sets it up, but for loopback alone and with the ways by which a client can find out that its server is gone. */
const settings = (folder: string, ports: { readonly http: number; readonly tcp: number }) => `
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
c2s_ports = { ${ports.tcp} }
c2s_interfaces = { "127.0.0.1" }
s2s_ports = {}
https_ports = {}
http_ports = { ${ports.http} }
http_interfaces = { "127.0.0.1" }
VirtualHost "localhost"
`

/** Prosody with so many accounts on free ports; it ends with the test. */
export async function startProsody(accounts = 1) {
  const folder = temporaryFolder()
  const ports = { http: await freePort(), tcp: await freePort() }
  const people = join(folder, 'localhost', 'accounts')
  mkdirSync(people, { recursive: true })
  for (let n = 0; n < accounts; n += 1)
    writeFileSync(join(people, `${accountName(n)}.dat`), `return { ["password"] = "${password}" };\n`)
  writeFileSync(join(folder, 'prosody.cfg.lua'), settings(folder, ports))
  const url = `http://127.0.0.1:${ports.http}`

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

  const xmpp: XmppServer = {
    port: ports.tcp,
    pid: child.pid ?? 0,
    command: 'prosody --config prosody.cfg.lua -F',
  }
  return {
    url,
    xmpp,
    kill,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    restart: async () => {
      child = await run()
    },
  }
}
