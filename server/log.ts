import { styleText } from 'node:util'
import { type DestinationStream, type Logger, pino } from 'pino'
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

/**
 * The server's log. Secrets never reach it.
 *
 * @param to where JSON lines go; standard output by default.
 */
export async function openLog(
  { logLevel: level, logFormat }: LogConfig,
  to: DestinationStream = pino.destination(1),
): Promise<Log> {
  const options = {
    level,
    base: null,
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
