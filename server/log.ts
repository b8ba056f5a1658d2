import { type Logger, pino } from 'pino'
import type { Config } from './config.ts'

export type Log = Logger

const secrets = ['token', 'endToken', 'password', 'secret', 'key', 'authorization', 'cookie', 'hello']

/** The server's log: JSON lines, or plain words when a person is looking. Secrets never reach it. */
export async function openLog(level: Config['logLevel'], forPeople: boolean): Promise<Log> {
  const options = {
    level,
    base: null,
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
  }
  if (!forPeople) return pino(options)
  const { default: pretty } = await import('pino-pretty')
  return pino(options, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', sync: true }))
}
