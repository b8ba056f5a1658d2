export type System = 'mac' | 'windows' | 'linux' | 'other'

/** On which system this page is, for words about where something is set. Chrome OS is told apart from Linux by its name. */
export function systemOf(userAgent: string): System {
  if (/Mac OS X/.test(userAgent)) return 'mac'
  if (/Windows/.test(userAgent)) return 'windows'
  return /Linux/.test(userAgent) && !/Android|CrOS/.test(userAgent) ? 'linux' : 'other'
}
