import { dirname, join } from 'node:path'

/** The folder of the repository. */
export const root = dirname(import.meta.dirname)

export const inRoot = (...path: readonly string[]) => join(root, ...path)
