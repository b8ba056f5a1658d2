import { existsSync } from 'node:fs'
import { type CommandHelp, print, takeNoWords } from '../command-line.ts'
import { type Config, readConfig } from '../config.ts'
import { dataDirectoryAt } from '../data-directory.ts'
import { addressWarning } from '../http/http-config.ts'
import type { NodeConfig } from '../nodes/node-config.ts'
import { StartupError } from '../startup-error.ts'
import { examineDatabase, examineDirectory } from './examine-data.ts'
import {
  type ExaminedServer,
  examineAddresses,
  examineMail,
  examineServer,
  noServer,
  roomFinding,
} from './examine-server.ts'
import { type Finding, look, messageOf, ok, wrong } from './finding.ts'
import { runCommand } from './run-command.ts'

const help: CommandHelp = {
  command: 'npm run doctor',
  does: 'Looks at settings, data directory, database, disk, the server that runs (of several: PostgreSQL, NATS, and whether all nodes hear one another), its addresses and its mail server, and says of each whether it is well, and else what to do. It changes nothing.',
  ways: [['', '']],
  examples: ['npm run doctor', 'DATA_DIR=/var/lib/reachable PORT=9000 npm run doctor'],
  more: 'Give it the settings that the server has. Ends with 1 when something is wrong, or no server runs.',
}

/** The oldest that runs the server. */
const oldestNode = 24

/** What others wrote (a mail server, a proxy) is printed on a terminal: nothing in it may be an order to that terminal. */
const oneLine = (text: string) => text.replaceAll(/\p{C}/gu, '�')

await runCommand(help, async (argv) => {
  takeNoWords(argv, help)
  const found: Finding[] = []
  const tell = (findings: readonly Finding[]) => {
    found.push(...findings)
    for (const { mark, about, sentence } of findings)
      print(`${mark.padEnd(7)}${about.padEnd(10)}${oneLine(sentence)}`)
  }
  /** What cannot be looked at keeps nothing else from being. */
  const examine = async (about: string, findings: () => Promise<readonly Finding[]>) =>
    tell(
      await findings().catch((cause) => [wrong(about, `This could not be looked at (${messageOf(cause)}).`)]),
    )

  tell([nodeFinding()])
  const config = readOrTell(tell)
  if (config) {
    const nodes = config.nodes && (await examinedNodes(config, config.nodes))
    const server = await findServer(config, nodes?.living)
    await examine('data', () => examineDirectory(config, server.isRunning))
    if (nodes) tell(nodes.findings)
    else await examine('database', () => examineDatabase(config, server.isRunning))
    await examine('server', async () => server.findings)
    const isAnyRunning = server.isRunning || (nodes?.living ?? 0) > 0
    await examine('address', () => examineAddresses(config, isAnyRunning))
    await examine('room', async () => [roomFinding(config)])
    await examine('mail', () => examineMail(config))
  }
  const count = (mark: Finding['mark']) => found.filter((finding) => finding.mark === mark).length
  print(summary(count('wrong'), count('look')))
  if (config === undefined) print('The rest was not looked at: correct these settings first, and ask again.')
  if (count('wrong') > 0) process.exitCode = 1
})

function nodeFinding(): Finding {
  const { node } = process.versions
  return Number(node.split('.')[0]) >= oldestNode
    ? ok('node', `This is Node ${node}.`)
    : wrong(
        'node',
        `This is Node ${node}, and the server needs ${oldestNode} or newer: start it by npm start.`,
      )
}

/** What reads PostgreSQL and NATS is loaded where there are nodes. */
async function examinedNodes({ authSecret = '', publicUrl = '' }: Config, nodes: NodeConfig) {
  const { examineNodes } = await import('./examine-nodes.ts')
  return examineNodes({ ...nodes, authSecret, publicUrl })
}

/** @returns undefined when the settings are wrong, which is told. */
function readOrTell(tell: (findings: readonly Finding[]) => void): Config | undefined {
  try {
    const config = readConfig(process.env)
    const doubts = config.warnings.filter((sentence) => sentence !== addressWarning(config))
    tell([
      ok('settings', 'Every setting is one that the server takes.'),
      ...doubts.map((sentence) => look('settings', sentence)),
    ])
    return config
  } catch (cause) {
    if (!(cause instanceof StartupError)) throw cause
    const [, ...errors] = cause.message.split('\n')
    tell(errors.map((error) => wrong('settings', error.replace(/^\s*- /, ''))))
    return undefined
  }
}

async function findServer(config: Config, nodes: number | undefined): Promise<ExaminedServer> {
  if (!existsSync(config.dataDir)) return { findings: [noServer(nodes)], isRunning: false }
  return examineServer(dataDirectoryAt(config.dataDir), nodes).catch((cause) => ({
    findings: [wrong('server', `Whether one runs could not be found out (${messageOf(cause)}).`)],
    isRunning: false,
  }))
}

function summary(bad: number, doubtful: number): string {
  const toLookAt = doubtful === 0 ? '' : `${doubtful} to look at`
  if (bad === 0) return doubtful === 0 ? 'All is well.' : `Nothing is wrong; ${toLookAt}.`
  return `${bad} wrong${toLookAt && `, ${toLookAt}`}.`
}
