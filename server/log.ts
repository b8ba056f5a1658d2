import { styleText } from 'node:util'
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import * as v from 'valibot'
import type { ReadFrom } from './environment.ts'

export type Log = Logger

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const formats = ['json', 'words'] as const

export const logEnvironment = {
  LOG_LEVEL: v.optional(v.picklist(levels, `LOG_LEVEL must be one of ${levels.join(', ')}.`), 'info'),
  LOG_FORMAT: v.optional(v.picklist(formats, `LOG_FORMAT must be one of ${formats.join(', ')}.`)),
}

export interface LogConfig {
  readonly logLevel: (typeof levels)[number]
  /** JSON lines for programs, words for people; by default as standard output is a terminal or not. */
  readonly logFormat?: (typeof formats)[number] | undefined
}

export const logConfig = (environment: ReadFrom<typeof logEnvironment>): LogConfig => ({
  logLevel: environment.LOG_LEVEL,
  logFormat: environment.LOG_FORMAT,
})

const secrets = ['token', 'endToken', 'password', 'secret', 'key', 'authorization', 'cookie', 'hello']

/** Whether standard output is a terminal that shows colours, and NO_COLOR does not say that nobody wants them. */
export const showsColours = (): boolean => styleText('bold', '') !== ''

/** An error that is logged again within so long, in ms, is counted, and told with the next. */
const toldEvery = 10_000
/** So many different errors are remembered, the latest. */
const mostRemembered = 200

/**
 * Whether an error is to be logged: while a database or a mail server is away the same one comes again and again, and the
 * line that matters would be lost among them.
 *
 * @returns how often it was left out since it was last told; undefined where it is left out now.
 */
function createErrorPace(now: () => number): (message: string, error: Error) => number | undefined {
  const told = new Map<string, { readonly at: number; left: number }>()
  return (message, error) => {
    const key = `${message} ${error.name} ${error.message}`
    const before = told.get(key)
    if (before && now() - before.at < toldEvery) {
      before.left += 1
      return undefined
    }
    told.delete(key)
    told.set(key, { at: now(), left: 0 })
    for (const oldest of told.keys()) {
      if (told.size <= mostRemembered) break
      told.delete(oldest)
    }
    return before?.left ?? 0
  }
}

/** Has each error logged once in a while; all else as it comes. */
function pacedErrors(now: () => number): NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']> {
  const pace = createErrorPace(now)
  return function (inputs, method) {
    const [what, message] = inputs
    const isOfError = typeof what === 'object' && what !== null && 'err' in what && what.err instanceof Error
    if (!isOfError || typeof message !== 'string') return method.apply(this, inputs)
    const left = pace(message, what.err as Error)
    if (left === undefined) return
    method.apply(this, left === 0 ? inputs : [{ ...what, left }, message])
  }
}

/**
 * The server's log. Secrets never reach it.
 *
 * @param to where JSON lines go; standard output by default.
 */
export async function openLog(
  { logLevel: level, logFormat }: LogConfig,
  to: DestinationStream = pino.destination(1),
  now = () => performance.now(),
): Promise<Log> {
  const options: LoggerOptions = {
    level,
    base: null,
    hooks: { logMethod: pacedErrors(now) },
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
  }
  const format = logFormat ?? (process.stdout.isTTY ? 'words' : 'json')
  if (format === 'json') return pino(options, to)
  const { default: pretty } = await import('pino-pretty')
  return pino(
    options,
    pretty({ colorize: showsColours(), translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true }),
  )
}
