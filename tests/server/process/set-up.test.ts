import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

interface Package {
  version?: string
  dev?: boolean
}

const file = 'server/cli/which.ts'

/** A folder with what npm writes down of an install for production, and nothing of what it installs. */
function productionInstall(change: (installed: Record<string, Package>) => void = () => {}): string {
  const folder = temporaryFolder()
  for (const path of ['scripts/set-up.mjs', 'package.json', 'package-lock.json', 'server/package.json'])
    cpSync(inRoot(path), join(folder, path))
  const { packages } = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')) as {
    packages: Record<string, Package>
  }
  const installed = Object.fromEntries(
    Object.entries(packages).filter(([path, { dev }]) => path.includes('node_modules/') && !dev),
  )
  change(installed)
  mkdirSync(join(folder, 'node_modules'))
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }))
  mkdirSync(join(folder, 'server/cli'))
  writeFileSync(join(folder, file), 'process.stdout.write("ran with " + process.argv.slice(2))')
  return folder
}

/** @returns how it ended; what would install is a program that says so and fails. */
function run(folder: string, ...words: string[]) {
  const npm = join(folder, 'npm.js')
  writeFileSync(npm, 'process.stdout.write("npm was run"); process.exit(1)')
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/set-up.mjs', ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH, npm_execpath: npm },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('S6.23 in an install for production a command of the server runs by the Node that is there, and fetches nothing', () => {
  const ran = run(productionInstall(), file, 'list')
  expect(ran).toEqual({ status: 0, stdout: 'ran with list', stderr: '' })
})

test.each<[string, (installed: Record<string, Package>) => void]>([
  ['lacks a package', (installed) => void delete installed['node_modules/hono']],
  [
    'has another version of one',
    ({ 'node_modules/hono': hono }) => void Object.assign(hono ?? {}, { version: '1.0.0' }),
  ],
])('S6.23 where an install for production %s, a command says so and changes nothing', (_, change) => {
  const { status, stdout, stderr } = run(productionInstall(change), file)
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toContain('npm ci --omit=dev')
})

test('S6.23 what builds is still fetched for whoever asks for more than a command of the server', () => {
  expect(run(productionInstall(), 'scripts/start.ts').stdout).toBe('npm was run')
  const unfinished = productionInstall((installed) => {
    installed['node_modules/@biomejs/biome'] = { version: '0.0.1' }
  })
  expect(run(unfinished, file).stdout).toBe('npm was run')
})
