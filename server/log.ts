import { type DestinationStream, type Logger, pino } from 'pino'
import type { Config } from './config.ts'

export type Log = Logger

const secrets = ['token', 'endToken', 'password', 'secret', 'key', 'authorization', 'cookie', 'hello']

/**
 * The server's log: JSON lines, or plain words when a person is looking. Secrets never reach it.
 *
 * @param to where JSON lines go; standard output by default.
 */
export async function openLog(
  level: Config['logLevel'],
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
