import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { type Call, call, refusal } from '../../protocol/http.ts'
import { CommandError, type CommandHelp, parseWords, print, usageError } from '../command-line.ts'
import { readConfig } from '../config.ts'
import { openDataDirectory } from '../data-directory.ts'
import { type RunningServer, readOperatorFile } from '../operator-file.ts'
import { followCall } from './follow-call.ts'
import { runCommand } from './run-command.ts'
import { askServer } from './running-server.ts'

const help: CommandHelp = {
  command: 'npm run call',
  does: 'Places a call through the server that runs on this machine, and shows what becomes of it. Ctrl-C cancels it.',
  ways: [['USERNAME [--from NAME] [--wait SECONDS] [--cancel-after SECONDS]', '']],
  options: [
    [
      '--from NAME',
      'who calls, as the person sees it; by default the operator of the server, or Terminal in a demonstration',
    ],
    ['--wait SECONDS', 'goes on trying for so long, 0 to 120, while no device can be reached; 0 by default'],
    ['--cancel-after SECONDS', 'cancels it by itself, 0 to 3600'],
  ],
  examples: ['npm run call -- ann', 'npm run call -- ann --from "Dr Bell" --wait 60'],
  more: 'Ends with 0 when it was answered, with 3 when it was not, and with 1 when it could not be placed. Give the command the DATA_DIR of the server, or of a node that runs on this machine.',
}

await runCommand(help, async (argv) => {
  const options = {
    from: { type: 'string' },
    wait: { type: 'string' },
    'cancel-after': { type: 'string' },
  } as const
  const { values, positionals } = parseWords(argv, options, help)
  const [to] = positionals
  if (to === undefined || positionals.length !== 1) throw usageError('Whom should be called?', help)
  const after = values['cancel-after'] === undefined ? undefined : Number(values['cancel-after'])
  if (after !== undefined && !(after >= 0 && after <= 3_600))
    throw usageError('--cancel-after takes seconds, from 0 to 3600.', help)
  const waitFor = values.wait === undefined ? 0 : Number(values.wait)
  if (!Number.isInteger(waitFor) || waitFor < 0 || waitFor > 120)
    throw usageError('--wait takes whole seconds, from 0 to 120.', help)
  const { dataDir, nodes } = readConfig(process.env)
  const { operator: operatorFile } = openDataDirectory(dataDir)
  const running = () => readOperatorFile(operatorFile)
  const server = running()
  const notRunning = nodes ? noNodeHere(dataDir) : noServer(dataDir)
  if (!server) throw notRunning

  const hangUp = new AbortController()
  const onInterrupt = () => hangUp.abort()
  process.on('SIGINT', onInterrupt)
  const timer = after === undefined ? undefined : setTimeout(onInterrupt, after * 1_000)
  const from = values.from || (server.demo ? 'Terminal' : undefined)
  const placed = await place(server, notRunning, { to, waitFor, ...(from !== undefined && { from }) })
  const cancel = () => void askServer(server, `/api/calls/${placed.id}/cancel`, {})
  if (hangUp.signal.aborted) cancel()
  else hangUp.signal.addEventListener('abort', cancel)
  const before: Call[] = []
  const end = await followCall(running, placed.id, (now) => {
    print(sentenceOf(now, before, Date.now()))
    before.push(now)
  })
  clearTimeout(timer)
  process.removeListener('SIGINT', onInterrupt)
  if (end === undefined)
    throw new CommandError('The server tells no more of the call. It is not known what became of it.')
  if (end.state !== 'answered') process.exitCode = 3
})

function noServer(dataDir: string): CommandError {
  return new CommandError(
    `No Reachable server is running with the data directory ${dataDir}. Start one with: npm start. If yours has another DATA_DIR, give it to this command too.`,
  )
}

/** A node's key for its operator is in its own data directory alone. */
function noNodeHere(dataDir: string): CommandError {
  return new CommandError(
    `No node is running on this machine with the data directory ${dataDir}. Call where one runs, with its DATA_DIR; or from anywhere over HTTP, with a key: npm run api-key -- create NAME.`,
  )
}

/** Places one call, however often it has to be asked for. */
async function place(
  server: RunningServer,
  notRunning: CommandError,
  ask: { to: string; from?: string; waitFor: number },
): Promise<Call> {
  const key = { 'idempotency-key': randomUUID() }
  const first = await askServer(server, '/api/calls', ask, key)
  const answer = first === 'no-answer' ? await askServer(server, '/api/calls', ask, key) : first
  if (first === 'no-server') throw notRunning
  if (answer === 'no-server' || answer === 'no-answer')
    throw new CommandError('The server does not answer. It is not known whether the call was placed.')
  if (answer.status === 401) throw notRunning
  const placed = v.safeParse(call, answer.body)
  if (placed.success) return placed.output
  throw new CommandError(v.parse(refusal, answer.body).message)
}

/**
 * What a call is doing, for whoever placed it.
 *
 * @param before what it did until now, in order.
 * @param now wall-clock ms.
 */
function sentenceOf(call: Call, before: readonly Call[], now: number): string {
  const { state, to, devices, why, room, deadline } = call
  const rung = before.some((earlier) => earlier.state === 'ringing')
  const again = rung && before.at(-1)?.state === 'waiting'
  switch (state) {
    case 'placed':
      return `Calling ${to} …`
    case 'ringing':
      return `${again ? 'Ringing again' : 'Ringing'} on ${devices === 1 ? '1 device' : `${devices} devices`}.`
    case 'waiting':
      return `No device of ${to} can be reached now; trying for ${Math.max(0, Math.ceil((deadline - now) / 1_000))} s more.`
    case 'answered':
      return `Answered. The room: ${room}`
    case 'declined':
      return 'Declined.'
    case 'cancelled':
      return 'Cancelled. It is kept as a missed call.'
    case 'missed':
      return `${missed(to, why, rung)} It is kept as a missed call.`
  }
}

function missed(to: string, why: string | null, rung: boolean): string {
  switch (why) {
    case 'unreachable':
      return rung
        ? `Nobody answered, and no device of ${to} can be reached any more.`
        : `${to} is unreachable: no device of theirs can be rung now.`
    case 'busy':
      return `${to} is busy: as many calls as can ring at once are ringing there.`
    case 'server-restarted':
      return 'The server stopped during the call.'
    default:
      return 'Nobody answered.'
  }
}
