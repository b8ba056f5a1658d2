/** The parts of the measurement, in the order in which they run; each is a file `NAME.bench.ts` here. */
export const parts = {
  sizes: 'what the built extension weighs',
  start: 'how soon a server is ready',
  ring: 'how soon a call reaches its device, among 1,000 others',
  popup: 'how soon the popup can be used',
  'false-green': 'how long the badge can stay green after each fault',
  peers: 'how long the status of another program outlives the same faults',
  worker: 'what the signed-in extension costs the processor at rest',
  devices: 'what connected devices cost the server',
} as const

export type Part = keyof typeof parts

export const isPart = (name: string): name is Part => Object.hasOwn(parts, name)
