import type { Settings } from '../messages/settings.ts'
import type { Readiness } from '../messages/state.ts'
import type { System } from './system.ts'

/** Where a system lets notifications through, in its own words. */
const notifications: Readonly<Record<System, string>> = {
  mac: 'In System Settings, under Notifications, allow them for your browser, as alerts. Turn Focus off, or let your browser through it.',
  windows:
    'In Settings, under System and Notifications, turn them on for your browser. Turn “Do not disturb” off, or let your browser through it.',
  linux:
    'In your desktop’s settings, under Notifications, turn them on for your browser, and “Do Not Disturb” off.',
  other:
    'In your system’s settings, turn notifications on for your browser, and whatever keeps it quiet off (“Do not disturb”, focus).',
}

const volumes: Readonly<Record<System, string>> = {
  mac: 'Turn the volume up, and see under Sound in System Settings that the right output is chosen.',
  windows:
    'Turn the volume up, and see in the volume mixer that your browser is not muted, nor another output chosen.',
  linux:
    'Turn the volume up, and see in your sound settings that your browser is not muted, nor another output chosen.',
  other: 'Turn the volume up, and see that the right output is chosen.',
}

const blockedAdvice =
  'This browser lets no notification of Reachable appear. Allow them in the browser’s settings for extensions or notifications.'

/** What helps who saw no notification, or no window. */
export const seeingAdvice = (system: System, blocked: boolean): readonly string[] => [
  ...(blocked ? [blockedAdvice] : []),
  notifications[system],
  'If only the window was missing: it may lie behind another, or on another desktop. A full screen hides both.',
]

/** What helps who heard nothing. */
export const hearingAdvice = (
  system: System,
  { ringVolume, ringTimes }: Pick<Settings, 'ringVolume' | 'ringTimes'>,
): readonly string[] => [
  ...(ringVolume < 30 ? [`The tone’s own volume, in Options, is at ${ringVolume} %. Set it higher.`] : []),
  ...(ringTimes === 0
    ? []
    : ['The tone is not played for as long as a call rings, by what is chosen in Options.']),
  volumes[system],
  'See that your browser mutes neither all sites nor, where it lists it, Reachable.',
]

/** What came of the last rehearsal, in a few words; undefined while nobody has said. */
export function outcomeWording(last: Readiness['last']): string | undefined {
  if (last === null || last.seen === null || last.heard === null) return undefined
  if (last.seen) return last.heard ? 'seen and heard' : 'seen, not heard'
  return last.heard ? 'heard, not seen' : 'neither seen nor heard'
}
