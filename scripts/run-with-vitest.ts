import { type Reporter, startVitest } from 'vitest/node'
import { root } from './root.ts'

/**
 * Runs programs that are written like tests, one after the other, because Vitest ends what each of them
 * has started (servers, browsers, folders) however it ends. They are no part of `npm test`.
 *
 * @param include globs, from the repository's folder.
 */
export async function runWithVitest(include: readonly string[], reporter: Reporter): Promise<void> {
  const vitest = await startVitest([], {
    root,
    config: false,
    watch: false,
    include: [...include],
    reporters: [reporter],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  })
  await vitest.close()
}
