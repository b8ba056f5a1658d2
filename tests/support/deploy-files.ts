import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { inRoot } from '../../scripts/root.ts'

type Settings = Readonly<Record<string, string>>

const read = (name: string) => readFileSync(inRoot('deploy', name), 'utf8')

/** @throws when it is not YAML, or says one thing twice. */
export function readYaml(name: string): readonly unknown[] {
  return parseAllDocuments(read(name), { merge: true }).map((document) => {
    if (document.errors[0]) throw new Error(`${name}: ${document.errors[0].message}`)
    return document.toJS() as unknown
  })
}

/** What a program is started with, as a file in `deploy/` says. */
export interface DeployedProcess {
  readonly command: readonly string[]
  readonly settings: Settings
}

/** The instructions of a Containerfile's last stage. */
export function imageInstructions(): readonly (readonly [name: string, rest: string])[] {
  const lines = read('Containerfile')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.split(' ')[0] ?? '', line.slice(line.indexOf(' ') + 1).trim()] as const)
  return lines.slice(lines.findLastIndex(([name]) => name === 'FROM'))
}

const assignments = (words: readonly string[]): Settings =>
  Object.fromEntries(
    words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  )

export function imageProcess(): DeployedProcess {
  const of = (name: string) => imageInstructions().filter(([one]) => one === name)
  return {
    command: JSON.parse(of('CMD')[0]?.[1] ?? '[]') as string[],
    settings: assignments(of('ENV').flatMap(([, rest]) => rest.split(/\s+/))),
  }
}

/** The values of one setting of the systemd unit, in order. */
export const unitValues = (name: string): readonly string[] =>
  read('reachable.service')
    .split('\n')
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => line.slice(name.length + 1))

export const unitProcess = (): DeployedProcess => ({
  command: unitValues('ExecStart')[0]?.split(' ') ?? [],
  settings: assignments(unitValues('Environment').flatMap((line) => line.split(' '))),
})

/** The lines of an env file, as names and values. */
export const exampleSettings = (): Settings =>
  assignments(
    read('example.env')
      .split('\n')
      .filter((line) => /^[A-Z_]+=/.test(line)),
  )
