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
  /** JSON lines for programs; words where somebody reads them. */
  readonly logFormat: (typeof formats)[number]
}

export const logConfig = (environment: ReadFrom<typeof logEnvironment>): LogConfig => ({
  logLevel: environment.LOG_LEVEL,
  logFormat: environment.LOG_FORMAT ?? (process.stdout.isTTY ? 'words' : 'json'),
})

const secrets = ['token', 'endToken', 'password', 'secret', 'key', 'authorization', 'cookie', 'hello']

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
  if (logFormat === 'json') return pino(options, to)
  const { default: pretty } = await import('pino-pretty')
  // At a terminal that shows colours, unless NO_COLOR says that nobody wants them.
  const colorize = styleText('bold', '') !== ''
  return pino(options, pretty({ colorize, translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true }))
}
