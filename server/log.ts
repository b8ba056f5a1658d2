import { type DestinationStream, type Logger, pino } from 'pino'
import * as v from 'valibot'
import type { ReadFrom } from './environment.ts'

export type Log = Logger

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export const logEnvironment = {
  LOG_LEVEL: v.optional(v.picklist(levels, `LOG_LEVEL must be one of ${levels.join(', ')}.`), 'info'),
}

export interface LogConfig {
  readonly logLevel: (typeof levels)[number]
}

export const logConfig = (environment: ReadFrom<typeof logEnvironment>): LogConfig => ({
  logLevel: environment.LOG_LEVEL,
})

const secrets = ['token', 'endToken', 'password', 'secret', 'key', 'authorization', 'cookie', 'hello']

/**
 * The server's log: JSON lines, or plain words when a person is looking. Secrets never reach it.
 *
 * @param to where JSON lines go; standard output by default.
 */
export async function openLog(
  { logLevel: level }: LogConfig,
  forPeople: boolean,
  to: DestinationStream = pino.destination(1),
): Promise<Log> {
  const options = {
    level,
    base: null,
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
  }
  if (!forPeople) return pino(options, to)
  const { default: pretty } = await import('pino-pretty')
  return pino(options, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', sync: true }))
}
