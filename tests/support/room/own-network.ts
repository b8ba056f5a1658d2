import { execFileSync, spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const ip = (...words: readonly string[]) => execFileSync('ip', words, { stdio: 'pipe' })

/** Whether networks can be made here: as root on Linux, where nothing forbids it. */
export function canMakeNetworks(): boolean {
  const name = `reachable-${randomBytes(4).toString('hex')}`
  try {
    ip('netns', 'add', name)
    ip('netns', 'del', name)
    return true
  } catch {
    return false
  }
}

/** A network of its own, joined to this machine by a cable. */
export interface OwnNetwork {
  /** A program that runs this one in that network. */
  readonly executable: (program: string) => string
  /** Leads what is asked for there at 127.0.0.1 and this port to the same port here, by the cable. */
  readonly forward: (port: number) => Promise<void>
  /** Takes its address away and gives it another: what comes to the old one is lost without a word. */
  readonly move: () => void
}

/** @throws where `canMakeNetworks` says no. */
export function openOwnNetwork(): OwnNetwork {
  const id = randomBytes(4).toString('hex')
  const [name, here, there] = [`reachable-${id}`, `rh${id}`, `rt${id}`]
  // A part of the private addresses that is seldom in use.
  const subnet = `10.${randomInt(200, 250)}.${randomInt(1, 250)}`
  let host = 2
  const within = (...words: readonly string[]) => ip('-n', name, ...words)

  ip('netns', 'add', name)
  onTestFinished(() => void ip('netns', 'del', name))
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name)
  ip('addr', 'add', `${subnet}.1/24`, 'dev', here)
  ip('link', 'set', here, 'up')
  within('link', 'set', 'lo', 'up')
  within('link', 'set', there, 'up')

  const addressed = () => {
    within('addr', 'add', `${subnet}.${host}/24`, 'dev', there)
    // The route goes with the last address.
    within('route', 'replace', 'default', 'via', `${subnet}.1`)
  }
  addressed()

  async function run(words: readonly string[]): Promise<void> {
    const [program = '', ...parameters] = words
    const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    onTestFinished(async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    })
    if (child.stdout) await once(child.stdout, 'data')
  }

  return {
    executable: (program) => {
      const file = join(temporaryFolder(), 'there')
      writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${name} '${program}' "$@"\n`)
      chmodSync(file, 0o755)
      return file
    },
    forward: async (port) => {
      const forward = [process.execPath, inRoot('tests', 'support', 'room', 'forward-process.ts')]
      await run([...forward, `${subnet}.1`, '127.0.0.1', String(port)])
      await run(['ip', 'netns', 'exec', name, ...forward, '127.0.0.1', `${subnet}.1`, String(port)])
    },
    move: () => {
      within('addr', 'flush', 'dev', there)
      host += 1
      addressed()
    },
  }
}
