import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Every process of the browser that runs on a profile: itself and all that it started. */
export function processesOf(profile: string): readonly number[] {
  const lines = execFileSync('ps', ['-ww', '-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n')
  const processes = lines.map((line) => {
    const [pid, parent, ...parameters] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), command: parameters.join(' ') }
  })
  const found = new Set(processes.filter(({ command }) => command.includes(profile)).map(({ pid }) => pid))
  // Parents come before their children often, not always: go on until nothing is added.
  for (let before = -1; before !== found.size; ) {
    before = found.size
    for (const { pid, parent } of processes) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}

/** Signals each process that is still there: a browser's helpers come and go by themselves. */
export function signal(pids: readonly number[], name: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM' | 'SIGKILL'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch (fault) {
      if (!(fault instanceof Error && 'code' in fault && fault.code === 'ESRCH')) throw fault
    }
  }
}

/**
 * Whether a process has stopped, each of its threads: after SIGSTOP those on another core run on for a moment, on a busy
 * machine for milliseconds.
 */
export const isStopped = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/task`).every((thread) =>
    /\) T /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')),
  )
