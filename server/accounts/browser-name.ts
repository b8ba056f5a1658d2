import { parse } from 'bowser'

export interface BrowserName {
  readonly browser: string | undefined
  readonly system: string | undefined
}

/** What a user agent stands for, as people know it; undefined for what says nothing we know. */
export function browserName(userAgent: string): BrowserName {
  if (userAgent.trim() === '') return { browser: undefined, system: undefined }
  const { browser: program, os: system } = parse(userAgent)
  return { browser: program.name || undefined, system: system.name || undefined }
}
