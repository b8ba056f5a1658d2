import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { aptGet, canInstall } from '../apt-get.ts'

const libraries = '/usr/lib'
const debian = join(libraries, 'postgresql')
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
function findProgram(name: string): string | undefined {
  const folder = paths().find((one) => has(one, name))
  return folder === undefined ? undefined : join(folder, name)
}

export const findNats = (): string | undefined => findProgram('nats-server')
export const findCoturn = (): string | undefined => findProgram('turnserver')

/** The library by which a process sees another time than it is, where Debian has it. */
export function findFakeTime(): string | undefined {
  const places = existsSync(libraries) ? readdirSync(libraries) : []
  const files = places.map((place) => join(libraries, place, 'faketime', 'libfaketime.so.1'))
  return files.find((file) => existsSync(file))
}

interface Service {
  readonly name: string
  /** Debian's. */
  readonly package: string
  readonly find: () => string | undefined
  /** How it is found. */
  readonly where: string
}

/** What the tests of several nodes run on. */
export const nodeServices: readonly Service[] = [
  {
    ...{ name: 'PostgreSQL', package: 'postgresql', find: findPostgres },
    where: '`postgres` and `initdb` on the path',
  },
  { name: 'NATS', package: 'nats-server', find: findNats, where: '`nats-server` on the path' },
]

/** The relay of rooms. */
export const relay: Service = {
  ...{ name: 'coturn', package: 'coturn', find: findCoturn },
  where: '`turnserver` on the path',
}

/** What a node needs whose clock is to be wrong. */
export const fakeTime: Service = {
  ...{ name: 'libfaketime', package: 'libfaketime', find: findFakeTime },
  where: `\`libfaketime.so.1\` in a folder \`faketime\` of ${libraries}`,
}

/**
 * Makes sure that there is what nodes run on, installing it where that can be done: as root on Debian.
 *
 * @returns what the person has to do first, or undefined when all is there.
 */
export function ensureNodeServices(services: readonly Service[] = nodeServices): string | undefined {
  const missing = () => services.filter(({ find }) => find() === undefined)
  const namesOf = (some: readonly Service[], and: string) => some.map(({ name }) => name).join(and)
  if (missing().length > 0 && canInstall()) {
    console.log(`Installing ${namesOf(missing(), ' and ')}, which the tests run on.`)
    aptGet('update', '-q')
    aptGet('install', '-y', '-q', '--no-install-recommends', ...missing().map((one) => one.package))
  }
  const absent = missing()
  if (absent.length === 0) return undefined
  const sought = absent.map(({ where }) => where).join(', ')
  return `The tests start several servers and a relay, and this machine has no ${namesOf(absent, ' and no ')}. Install what is missing: ${sought}.`
}
