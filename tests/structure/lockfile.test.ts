import { expect, test } from 'vitest'
import { readFile } from './source-file.ts'

interface Locked {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const packages = (JSON.parse(readFile('package-lock.json')) as { packages: Readonly<Record<string, Locked>> })
  .packages

test('H4.2 the lockfile names packages and no place to fetch them from', () => {
  const places = Object.entries(packages).filter(([, { resolved }]) => resolved?.includes('://'))
  expect(places.map(([name]) => name)).toEqual([])
})

test('H4.2 the lockfile holds the parts for every platform, so that npm installs from it everywhere', () => {
  const absent = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  )
  expect(absent).toEqual([])
})
