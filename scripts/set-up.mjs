// Plain JavaScript on purpose: this runs on whatever Node the machine has, before anything is installed.
//
//   node scripts/set-up.mjs                     install what is missing
//   node scripts/set-up.mjs FILE [ARGUMENT…]    then run FILE with the project's own Node
//
// It starts FILE itself, because the shell that npm uses remembers where it found `node` and would go on
// with the old one.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const windows = process.platform === 'win32'
const ownNode = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node')

const print = (/** @type {string} */ sentence) => process.stderr.write(`${sentence}\n`)

function refuseOldNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= 20) return
  print(`Reachable needs Node 20 or newer to begin with, and this is Node ${process.versions.node}.`)
  print('Install the current Node from https://nodejs.org, open a new terminal and try again.')
  process.exit(1)
}

/** @returns {Record<string, { version?: string, link?: boolean, optional?: boolean }>} */
function packagesIn(/** @type {string} */ file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/** Whether each package stands in node_modules in the version that the lockfile names. */
function upToDate() {
  const hidden = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(ownNode) || !existsSync(hidden)) return false
  const installed = packagesIn(hidden)
  return Object.entries(packagesIn(join(root, 'package-lock.json'))).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true
    const found = installed[path]
    // Optional packages are those of other platforms: npm leaves them out here.
    return found ? found.version === wanted.version : wanted.optional === true
  })
}

/**
 * Whether somebody installed what the server needs and no more (`npm ci --omit=dev`), as where it runs as a service. What
 * builds and tests is not fetched beneath a server that runs, for a command that needs none of it.
 */
function isServerAlone() {
  const hidden = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(ownNode) || !existsSync(hidden)) return false
  const wanted = packagesIn(join(root, 'package-lock.json'))
  return Object.keys(packagesIn(hidden)).every((path) => !wanted[path]?.dev)
}

/** Whether all that the server needs is there, in the version that the lockfile names. */
function isServerUpToDate() {
  const installed = packagesIn(join(root, 'node_modules', '.package-lock.json'))
  const wanted = packagesIn(join(root, 'package-lock.json'))
  const { dependencies } = JSON.parse(readFileSync(join(root, 'server', 'package.json'), 'utf8'))
  const places = Object.keys(dependencies).map((name) =>
    ['server/node_modules/', 'node_modules/'].map((folder) => folder + name).find((path) => wanted[path]),
  )
  return (
    places.every((path) => path !== undefined && installed[path]) &&
    Object.entries(installed).every(([path, { version }]) => version === wanted[path]?.version)
  )
}

/** Runs a command of the server by the Node that is there, and fetches nothing. */
function runBesideService(/** @type {string[]} */ command) {
  if (!isServerUpToDate()) {
    print('Reachable: node_modules/ has the server alone, and not of this version. Nothing was changed.')
    print('Install it again as docs/DEPLOYING.md says (npm ci --omit=dev …), and restart the server.')
    process.exit(1)
  }
  if (Number(process.versions.node.split('.')[0]) < 24) {
    print(
      `Reachable: the server's commands need Node 24 or newer, and this is Node ${process.versions.node}.`,
    )
    process.exit(1)
  }
  run(command, process.execPath)
}

function install() {
  print('Reachable: fetching the packages it is made of, into node_modules/ and nowhere else.')
  print('This happens on the first run and after an update. It takes a minute or two.')
  // Its warnings are about the old Node that installs, not the one that runs.
  const ci = ['ci', '--loglevel=error']
  const npm = process.env.npm_execpath
  const options = { cwd: root, stdio: /** @type {const} */ ('inherit') }
  const ran = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...ci], options)
    : spawnSync('npm', ci, { ...options, shell: windows })
  if (ran.status === 0 && upToDate()) return
  print('')
  print('Reachable: npm could not fetch the packages; what it said stands above.')
  print('Most often the network is the cause: check that this machine reaches the npm registry, through')
  print('a proxy if it needs one (npm config set proxy ADDRESS), and run the same command again.')
  process.exit(1)
}

function run(/** @type {string[]} */ command, node = ownNode) {
  // Over the channel, which ends however this process does, a command notices that it was left alone.
  const child = spawn(node, command, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  child.on('error', (error) => {
    print(`Reachable: could not start ${node}: ${error.message}`)
    process.exit(1)
  })
  // A terminal sends Ctrl-C to the child as well; only a signal meant for this process is passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
  followNpm(() => child.kill('SIGTERM'))
}

/**
 * Notices that npm was killed, or the shell by which it runs this: nothing tells of that but looking who is still
 * there. Whoever runs this file by hand, or from a script of another package, may go away.
 */
function followNpm(/** @type {() => void} */ end) {
  if (!isOwnScript()) return
  const parent = process.ppid
  const above = parentOfShell(parent)
  const looking = setInterval(() => {
    if (process.ppid === parent && isAlive(parent) && (above === undefined || isAlive(above))) return
    clearInterval(looking)
    end()
  }, 100)
}

/** Whether npm runs this for a script of ours: what it tells of its script is inherited by all that starts there. */
function isOwnScript() {
  const { npm_lifecycle_event: script, npm_package_json: file } = process.env
  if (script === undefined || file === undefined || !existsSync(file)) return false
  return realpathSync.native(file) === realpathSync.native(join(root, 'package.json'))
}

/**
 * Some shells put a command in their own place, and some wait for it. On Windows the shell dies with npm.
 *
 * @returns {number | undefined} npm, when `pid` is a shell that waits.
 */
function parentOfShell(/** @type {number} */ pid) {
  if (windows) return undefined
  const stat = `/proc/${pid}/stat`
  const found = existsSync(stat)
    ? readFileSync(stat, 'utf8').replace(/^\d+ \((.*)\) \S+ (\d+) .*/s, '$2 $1')
    : spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout
  const parent = /^\s*(\d+)\s+(?:\S*\/)?-?(?:[a-z]*sh|busybox)\s*$/.exec(found ?? '')?.[1]
  return parent === undefined ? undefined : Number(parent)
}

/** Windows names a parent that is gone, too. */
function isAlive(/** @type {number} */ pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH'
  }
}

refuseOldNode()
const command = process.argv.slice(2)
if (command[0]?.startsWith('server/') && isServerAlone()) runBesideService(command)
else {
  if (!upToDate()) install()
  if (command.length > 0) run(command)
}
