import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { nkeys } from '@nats-io/transport-node'
import { onTestFinished, vi } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { isStopped } from '../processes-of.ts'
import { freePort } from './free-port.ts'

const run = promisify(execFile)

export interface NatsOptions {
  /** A free one by default. */
  readonly port?: number
  readonly user?: { readonly name: string; readonly password: string }
  /** Whoever comes may use the subjects of deploy/nats.conf, and no other. */
  readonly asDeployed?: boolean
  readonly token?: string
  /** By TLS alone, with a certificate for 127.0.0.1 and localhost of an authority of its own. */
  readonly tls?: boolean
  /** Only with a file of credentials. */
  readonly credentials?: boolean
  /** Is one cluster with this one. */
  readonly cluster?: NatsProcess
  /** Bytes. */
  readonly maxPayload?: number
}

/** A real NATS server on 127.0.0.1. */
export interface NatsProcess {
  readonly port: number
  /** With the user or the token in it. */
  readonly url: string
  /** Where the certificate of the authority is, with `tls`; and the credentials, with `credentials`. */
  readonly caFile: string
  readonly credsFile: string
  readonly clusterPort: number
  kill(signal: NodeJS.Signals): void
  /** SIGSTOP, and resolves once it does nothing more. */
  freeze(): Promise<void>
  /** Ends it. */
  stop(): Promise<void>
  /** Starts it again on the same port, after `stop` or a kill. */
  start(): Promise<void>
  /** Ends it and takes its files away. */
  remove(): Promise<void>
}

/** Ends with the test. */
export async function startNats(options: NatsOptions = {}): Promise<NatsProcess> {
  const nats = await createNats(options)
  onTestFinished(() => nats.remove())
  return nats
}

/** For whoever outlives a test: calls `remove` themselves. */
export async function createNats(options: NatsOptions = {}): Promise<NatsProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'reachable-nats-'))
  const at = (name: string) => join(folder, name)
  const port = options.port ?? (await freePort())
  const clusterPort = await freePort()
  if (options.tls) await makeCertificates(folder)
  const { user, token } = options
  const lines = [
    'host: 127.0.0.1',
    `port: ${port}`,
    ...(user ? [`authorization { user: "${user.name}", password: "${user.password}" }`] : []),
    ...(options.asDeployed
      ? [
          'no_auth_user: "anybody"',
          `authorization { users: [{ user: "anybody", password: "", ${deployedPermissions()} }] }`,
        ]
      : []),
    ...(token === undefined ? [] : [`authorization { token: "${token}" }`]),
    ...(options.tls ? [`tls { cert_file: "${at('server.pem')}", key_file: "${at('server.key')}" }`] : []),
    ...(options.maxPayload === undefined ? [] : [`max_payload: ${options.maxPayload}`]),
    'cluster {',
    '  name: tests',
    '  host: 127.0.0.1',
    `  port: ${clusterPort}`,
    ...(options.cluster ? [`  routes: ["nats://127.0.0.1:${options.cluster.clusterPort}"]`] : []),
    '}',
    ...(options.credentials ? makeCredentials(at('user.creds')) : []),
  ]
  writeFileSync(at('nats.conf'), lines.join('\n'))

  const launch = async () => {
    // Ends with whoever started it, even if that is killed.
    const words = ['--pdeathsig=SIGKILL', 'nats-server', '-c', at('nats.conf')]
    const child = spawn('setpriv', words, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (text) => {
      said = `${said}${text}`.slice(-4_000)
    })
    child.on('error', (error) => {
      said += String(error)
    })
    const wanted = options.cluster ? 'Route connection created' : 'Server is ready'
    const isReady = () => said.includes(wanted)
    await Promise.race([
      new Promise<void>((ready) => child.stderr.on('data', () => isReady() && ready())),
      once(child, 'close'),
      once(AbortSignal.timeout(20_000), 'abort'),
    ])
    if (!isReady()) {
      child.kill('SIGKILL')
      throw new Error(`nats-server did not start: ${said}`)
    }
    return child
  }

  let child = await launch()
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill('SIGKILL')
    await ended
  }
  const who = user ? `${user.name}:${user.password}@` : token === undefined ? '' : `${token}@`
  return {
    port,
    clusterPort,
    url: `${options.tls ? 'tls' : 'nats'}://${who}127.0.0.1:${port}`,
    caFile: at('ca.pem'),
    credsFile: at('user.creds'),
    kill: (signal) => void child.kill(signal),
    async freeze() {
      child.kill('SIGSTOP')
      const { pid = 0 } = child
      await vi.waitUntil(() => isStopped(pid), { timeout: 5_000, interval: 1 })
    },
    stop,
    async start() {
      await stop()
      child = await launch()
    },
    async remove() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function deployedPermissions(): string {
  const [permissions] =
    /permissions: \{[^}]*\}/.exec(readFileSync(inRoot('deploy', 'nats.conf'), 'utf8')) ?? []
  if (permissions === undefined) throw new Error('deploy/nats.conf has no permissions')
  return permissions
}

async function makeCertificates(folder: string): Promise<void> {
  const openssl = (words: string) => run('openssl', words.split(' '), { cwd: folder })
  const key = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'
  await openssl(`${key} -keyout ca.key -out ca.pem -subj /CN=tests`)
  await openssl(
    `${key} -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem -subj /CN=nats -addext subjectAltName=IP:127.0.0.1,DNS:localhost -addext basicConstraints=CA:FALSE`,
  )
}

/**
 * Writes credentials as `nsc` would: an operator's account with one user. @returns what the server has to know of it.
 * https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt
 */
function makeCredentials(file: string): string[] {
  const operator = nkeys.createOperator()
  const account = nkeys.createAccount()
  const user = nkeys.createUser()
  const claims = (issuer: nkeys.KeyPair, subject: nkeys.KeyPair, type: string, nats: object) => {
    const encode = (what: object) => Buffer.from(JSON.stringify(what)).toString('base64url')
    const head = encode({ typ: 'JWT', alg: 'ed25519-nkey' })
    const body = encode({
      jti: subject.getPublicKey(),
      iat: Math.floor(Date.now() / 1_000),
      iss: issuer.getPublicKey(),
      sub: subject.getPublicKey(),
      name: type,
      nats: { type, version: 2, ...nats },
    })
    const signature = issuer.sign(Buffer.from(`${head}.${body}`))
    return `${head}.${body}.${Buffer.from(signature).toString('base64url')}`
  }
  const limits = { subs: -1, data: -1, payload: -1 }
  const everything = { ...limits, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 }
  const jwt = claims(account, user, 'user', limits)
  const seed = new TextDecoder().decode(user.getSeed())
  writeFileSync(
    file,
    `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
    { mode: 0o600 },
  )
  return [
    `operator: ${claims(operator, operator, 'operator', {})}`,
    'resolver: MEMORY',
    `resolver_preload: { ${account.getPublicKey()}: ${claims(operator, account, 'account', { limits: everything })} }`,
  ]
}
