import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Has children that lead process groups ended with this process, even when it is killed: another process sees
 * the pipe between the two close. They need not know of it, as a server must that nobody but Node's watcher started.
 */
export function endWithUs(children: readonly ChildProcess[]): void {
  const pids = children.flatMap(({ pid }) => (pid === undefined ? [] : [String(pid)]))
  const reaper = spawn(process.execPath, [import.meta.filename, ...pids], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  reaper.unref()
}

/** Ends a child and whatever it started; on Windows it has no group, and Node ends what it started. */
export function endGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGTERM')
  } catch {
    // It is gone already.
  }
}

if (import.meta.main) {
  process.stdin.resume()
  process.stdin.once('end', () => {
    for (const pid of process.argv.slice(2)) endGroup(Number(pid))
  })
}
