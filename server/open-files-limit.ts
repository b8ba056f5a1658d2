import { readFileSync } from 'node:fs'

/**
 * How many files, connections among them, this process may have open: the limit that Node itself has raised as far as it
 * may.
 */
export function openFilesLimit(): number {
  const limit = openFilesLimitOf('self')
  if (limit !== undefined) return limit
  // Looking up the names of those who are connected would take seconds. It is not in the published types yet.
  Object.assign(process.report, { excludeNetwork: true })
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  const { soft } = userLimits?.open_files ?? {}
  return typeof soft === 'number' ? soft : unlimited
}

/** Windows has no such limit, and elsewhere it may have been taken away: then memory is the limit. */
const unlimited = 1_000_000

/**
 * Linux says it at once; the report, which other systems have, takes as long as a tenth of a start.
 *
 * @param pid of any process of this user.
 */
export function openFilesLimitOf(pid: number | 'self'): number | undefined {
  try {
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8')
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]) || undefined
  } catch {
    return undefined
  }
}
