import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { aptGet, canInstall } from '../apt-get.ts'

const debian = '/usr/lib/postgresql'
const paths = () => [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
const has = (folder: string, name: string) => existsSync(join(folder, name))

/** Where PostgreSQL's programs are: the newest of Debian's, or those of the path. @returns nothing where there are none. */
export function findPostgres(): string | undefined {
  const versions = existsSync(debian) ? readdirSync(debian) : []
  const newest = versions.sort((one, other) => Number(other) - Number(one))
  return [...newest.map((version) => join(debian, version, 'bin')), ...paths()].find(
    (folder) => has(folder, 'postgres') && has(folder, 'initdb'),
  )
}

/** The program itself, which Debian has where only root looks. */
export function findNats(): string | undefined {
  const folder = paths().find((one) => has(one, 'nats-server'))
  return folder === undefined ? undefined : join(folder, 'nats-server')
}

const services = [
  { name: 'PostgreSQL', package: 'postgresql', find: findPostgres },
  { name: 'NATS', package: 'nats-server', find: findNats },
] as const

const missing = () => services.filter(({ find }) => find() === undefined)

/**
 * Makes sure that there is what nodes run on, installing it where that can be done: as root on Debian.
 *
 * @returns what the person has to do first, or undefined when all is there.
 */
export function ensureNodeServices(): string | undefined {
  if (missing().length > 0 && canInstall()) {
    console.log(
      `Installing ${missing()
        .map(({ name }) => name)
        .join(' and ')}, which the tests of several nodes run on.`,
    )
    aptGet('update', '-q')
    aptGet('install', '-y', '-q', '--no-install-recommends', ...missing().map((one) => one.package))
  }
  const absent = missing()
  if (absent.length === 0) return undefined
  return `The tests start several servers on a real PostgreSQL and a real NATS, and this machine has no ${absent
    .map(({ name }) => name)
    .join(
      ' and no ',
    )}. Install what is missing, so that \`postgres\`, \`initdb\` and \`nats-server\` are found on the path.`
}
