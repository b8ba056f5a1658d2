import * as v from 'valibot'
import { WebSocket } from 'ws'
import { isLoopback } from '../../protocol/loopback.ts'
import { roomWarning } from '../calls/call-config.ts'
import type { Config } from '../config.ts'
import type { DataDirectory } from '../data-directory.ts'
import { isHeld } from '../directory-lock.ts'
import { addressWarning, proxyWarning } from '../http/http-config.ts'
import { greetMailServer } from '../mail/smtp-mail.ts'
import { openFilesLimit, openFilesLimitOf } from '../open-files-limit.ts'
import { type RunningServer, readOperatorFile } from '../operator-file.ts'
import { type Finding, look, messageOf, ok, wrong } from './finding.ts'

const answerWithin = 5_000

/** Each connection is a file to the system. */
const fewFiles = 4_096

const startOne = 'Start one: npm start'

/** @param nodes how many run on the database that is set here, on whichever machine; undefined of a server alone. */
export function noServer(nodes: number | undefined): Finding {
  if (nodes === undefined) return wrong('server', `None is running with this data directory. ${startOne}`)
  return nodes > 0
    ? ok('server', 'None is running with this data directory: the nodes of this service run elsewhere.')
    : look('server', 'None is running with this data directory.')
}

/** What there is to say of the server of a data directory. */
export interface ExaminedServer {
  readonly findings: readonly Finding[]
  readonly isRunning: boolean
  /** What the one that runs has written of itself. */
  readonly running?: RunningServer
}

/** @param nodes as for `noServer`. */
export async function examineServer(
  directory: DataDirectory,
  nodes: number | undefined,
): Promise<ExaminedServer> {
  const held = isHeld(directory)
  const server = readOperatorFile(directory.operator)
  if (!held) {
    const again = nodes === undefined ? startOne : 'Start it again.'
    const killed = `None is running; the last one was killed. Its data is as it was. ${again}`
    return { findings: [server ? wrong('server', killed) : noServer(nodes)], isRunning: false }
  }
  if (!server) {
    const sentence = `One is running and does not say where: it starts or stops now. If that stays so, restart it: it writes ${directory.operator}.`
    return { findings: [look('server', sentence)], isRunning: true }
  }
  const findings = [await readyFinding(server), filesFinding(server)]
  return { findings, isRunning: true, running: server }
}

async function readyFinding({ url, pid }: RunningServer): Promise<Finding> {
  try {
    const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(answerWithin) })
    if (response.ok) return ok('server', `One runs at ${url} (process ${pid}), and calls get through.`)
    const { why } = v.parse(v.object({ why: v.string() }), await response.json())
    return wrong(
      'server',
      `One runs at ${url} (process ${pid}), and nobody is reachable: ${why} Its log says more.`,
    )
  } catch (cause) {
    return wrong(
      'server',
      `One runs as process ${pid} and does not answer at ${url} (${reasonOf(cause)}). Its log may say why; restart it.`,
    )
  }
}

function filesFinding({ pid }: RunningServer): Finding {
  const limit = openFilesLimitOf(pid) ?? openFilesLimit()
  const told = `The server may have ${limit.toLocaleString('en')} files open, each connection one of them`
  if (limit >= fewFiles) return ok('files', `${told}.`)
  return look('files', `${told}. For more devices raise that: ulimit -n, or LimitNOFILE of the service.`)
}

/** Where people and devices reach the server: whether they may, and whether they do. */
export async function examineAddresses(config: Config, isAnyRunning: boolean): Promise<Finding[]> {
  const { publicUrl, host, trustProxy } = config
  const warning = proxyWarning(config)
  const findings: Finding[] = warning === undefined ? [] : [look('proxy', warning)]
  if (trustProxy && !isLoopback(host))
    findings.push(
      look(
        'proxy',
        `TRUST_PROXY is on and HOST is ${host}: who reaches the port beside the proxy chooses the address they are counted by. Set HOST=127.0.0.1, or let a firewall keep them out.`,
      ),
    )
  if (publicUrl === undefined) {
    findings.push(
      isLoopback(host)
        ? ok('address', 'PUBLIC_URL is not set: the server is for browsers on this machine alone.')
        : wrong(
            'address',
            `HOST is ${host} and PUBLIC_URL is not set: no device on another machine can log in. Put a TLS proxy before the server and set PUBLIC_URL to its address: https://…`,
          ),
    )
    return findings
  }
  const refused = addressWarning(config)
  if (refused !== undefined) findings.push(wrong('address', refused))
  if (isAnyRunning) findings.push(await wayFinding(publicUrl))
  else
    findings.push(
      ok('address', `PUBLIC_URL is ${publicUrl}; whether it leads here is seen when a server runs.`),
    )
  return findings
}

/** Where an answered call leads, and by which way people meet there. */
export function roomFinding(config: Config): Finding {
  const warning = roomWarning(config)
  if (warning !== undefined) return wrong('room', warning)
  if (config.roomUrl !== undefined) return ok('room', `Answered calls meet at ${config.roomUrl}.`)
  if (config.turn) {
    const by = config.turn.urls.join(', ')
    return ok('room', `Answered calls meet in rooms of this server, by ${by} where there is no other way.`)
  }
  if (config.publicUrl === undefined) return ok('room', 'Answered calls meet in rooms of this server.')
  return look(
    'room',
    'Answered calls meet in rooms of this server, and TURN_URLS is not set: people behind strict networks will not see and hear each other. Set up coturn (docs/DEPLOYING.md).',
  )
}

const health = v.object({ service: v.literal('reachable') })

/** Asks as a browser would, by HTTP and for a connection. */
async function wayFinding(publicUrl: string): Promise<Finding> {
  const elsewhere = 'It may be that only this machine cannot reach it.'
  try {
    const response = await fetch(`${publicUrl}/health`, { signal: AbortSignal.timeout(answerWithin) })
    const answer = v.safeParse(health, await response.json().catch(() => undefined))
    if (!answer.success)
      return wrong(
        'address',
        `${publicUrl} leads to something else than a Reachable server (status ${response.status}).`,
      )
  } catch (cause) {
    return look('address', `${publicUrl} does not answer (${reasonOf(cause)}). ${elsewhere}`)
  }
  const fault = await connectionFault(publicUrl)
  if (fault === undefined) return ok('address', `${publicUrl} leads to a server, by HTTP and by WebSocket.`)
  return wrong(
    'address',
    `${publicUrl} takes no WebSocket (${fault}): let the proxy pass upgrades for /socket and /rooms, or no device can connect.`,
  )
}

/** @returns why no connection is greeted there; undefined when one is. */
function connectionFault(publicUrl: string): Promise<string | undefined> {
  const socket = new WebSocket(`${publicUrl.replace(/^http/, 'ws')}/socket`, {
    handshakeTimeout: answerWithin,
  })
  const silent = new Promise<string>((resolve) => {
    setTimeout(() => resolve('no greeting'), answerWithin).unref()
  })
  const greeted = new Promise<string | undefined>((resolve) => {
    socket.once('message', (data) =>
      resolve(String(data).includes('"challenge"') ? undefined : 'a strange greeting'),
    )
    socket.once('error', (error) => resolve(error.message))
    socket.once('close', () => resolve('closed'))
  })
  return Promise.race([greeted, silent]).finally(() => socket.terminate())
}

/** Whether mails leave, and who hears of what the operator should know. */
export async function examineMail({ smtpUrl, mailFrom, operatorEmail, dataDir }: Config): Promise<Finding[]> {
  const operator =
    operatorEmail === undefined
      ? look(
          'operator',
          'OPERATOR_EMAIL is not set: nobody is told by mail of a disk that runs low, or of new keys.',
        )
      : ok('operator', `${operatorEmail} is told what the operator should know.`)
  if (smtpUrl === undefined)
    return [
      look('mail', `SMTP_URL is not set: mails are files in ${dataDir}/outbox, and reach nobody.`),
      operator,
    ]
  const { hostname } = new URL(smtpUrl)
  try {
    await greetMailServer(smtpUrl)
    return [ok('mail', `${hostname} takes mails from ${mailFrom}.`), operator]
  } catch (cause) {
    const sentence = `The mail server ${hostname} does not take mails (${messageOf(cause)}). Check SMTP_URL; mails wait meanwhile.`
    return [wrong('mail', sentence), operator]
  }
}

/** The reason that lies deepest: fetch says only that it failed. */
function reasonOf(cause: unknown): string {
  if (cause instanceof Error && cause.cause !== undefined) return reasonOf(cause.cause)
  return messageOf(cause)
}
