import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { type Call, call, refusal } from '../../protocol/http.ts'
import { readConfig } from '../config.ts'
import { openDataDirectory } from '../data-directory.ts'
import { type Operator, readOperatorFile } from '../operator-file.ts'
import { sentenceOf } from './call-sentence.ts'
import { followCall } from './follow-call.ts'
import { CommandError, runCommand, usageError } from './run-command.ts'
import { askServer } from './running-server.ts'

const usage = `Usage:
  npm run call -- USERNAME [--from NAME] [--wait SECONDS] [--cancel-after SECONDS]
Places a call through the running server and shows what becomes of it. With --wait (0 to 120) it goes on trying
for so long while no device can be reached. Ctrl-C cancels it.`

await runCommand(async (argv) => {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { from: { type: 'string' }, wait: { type: 'string' }, 'cancel-after': { type: 'string' } },
    allowPositionals: true,
  })
  const [to] = positionals
  if (to === undefined || positionals.length !== 1) throw usageError('Whom should be called?', usage)
  const after = values['cancel-after'] === undefined ? undefined : Number(values['cancel-after'])
  if (after !== undefined && !(after >= 0 && after <= 3_600))
    throw usageError('--cancel-after takes seconds, from 0 to 3600.', usage)
  const waitFor = values.wait === undefined ? 0 : Number(values.wait)
  if (!Number.isInteger(waitFor) || waitFor < 0 || waitFor > 120)
    throw usageError('--wait takes whole seconds, from 0 to 120.', usage)
  const { operator: operatorFile } = openDataDirectory(readConfig(process.env).dataDir)
  const running = () => readOperatorFile(operatorFile)
  const operator = running()
  if (!operator) throw notRunning()

  const hangUp = new AbortController()
  const onInterrupt = () => hangUp.abort()
  process.on('SIGINT', onInterrupt)
  const timer = after === undefined ? undefined : setTimeout(onInterrupt, after * 1_000)
  const placed = await place(operator, { to, waitFor, ...(values.from && { from: values.from }) })
  const cancel = () => void askServer(operator, `/api/calls/${placed.id}/cancel`, {})
  if (hangUp.signal.aborted) cancel()
  else hangUp.signal.addEventListener('abort', cancel)
  const before: Call[] = []
  const end = await followCall(running, placed.id, (now) => {
    process.stdout.write(`${sentenceOf(now, before, Date.now())}\n`)
    before.push(now)
  })
  clearTimeout(timer)
  process.removeListener('SIGINT', onInterrupt)
  if (end === undefined)
    throw new CommandError('The server tells no more of the call. It is not known what became of it.')
  if (end.state !== 'answered') process.exitCode = 3
})

function notRunning(): CommandError {
  return new CommandError(
    'No Reachable server is running with this data directory. Start one with: npm start',
  )
}

/** Places one call, however often it has to be asked for. */
async function place(operator: Operator, ask: { to: string; from?: string; waitFor: number }): Promise<Call> {
  const key = { 'idempotency-key': randomUUID() }
  const first = await askServer(operator, '/api/calls', ask, key)
  const answer = first === 'no-answer' ? await askServer(operator, '/api/calls', ask, key) : first
  if (first === 'no-server') throw notRunning()
  if (answer === 'no-server' || answer === 'no-answer')
    throw new CommandError('The server does not answer. It is not known whether the call was placed.')
  if (answer.status === 401) throw notRunning()
  const placed = v.safeParse(call, answer.body)
  if (placed.success) return placed.output
  throw new CommandError(v.parse(refusal, answer.body).message)
}
