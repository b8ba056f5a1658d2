import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** In pixels of the screen. */
export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Screen {
  /** For the environment variable DISPLAY. */
  readonly display: string
  /** A PNG of what the screen shows there, once it shows the same for a moment, or will not stand still. */
  readonly shot: (area: Rectangle) => Promise<Buffer>
  readonly click: (x: number, y: number, button?: 'left' | 'right') => void
  readonly moveTo: (x: number, y: number) => void
  readonly press: (key: string) => void
}

/** A cursor that blinks and a bell that swings never stand still. */
const mostLooks = 6

const tools = { Xvfb: '-help', openbox: '--version', xdotool: 'version', import: '-version' } as const

export const missingTools = (): readonly string[] =>
  Object.entries(tools)
    .filter(([tool, parameter]) => spawnSync(tool, [parameter], { stdio: 'ignore' }).error !== undefined)
    .map(([tool]) => tool)

/** A screen that nobody sees (Xvfb, with openbox for its windows). It ends with the test. */
export async function openScreen(width: number, height: number): Promise<Screen> {
  const flags = ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp', '-wr']
  const server = spawn('Xvfb', flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  onTestFinished(() => void server.kill())
  const [chunk] = (await once(server.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer]
  const display = `:${chunk.toString().trim()}`
  const env = { ...process.env, DISPLAY: display }
  const windows = spawn('openbox', [], { env, stdio: 'ignore' })
  onTestFinished(() => void windows.kill())
  const xdotool = (...parameters: readonly (string | number)[]) =>
    void execFileSync('xdotool', parameters.map(String), { env })

  const shotNow = ({ x, y, width, height }: Rectangle): Buffer => {
    const crop = ['-crop', `${width}x${height}+${x}+${y}`, '+repage', '-strip', 'ppm:-']
    return execFileSync('import', ['-window', 'root', ...crop], { env, maxBuffer: 64_000_000 })
  }

  return {
    display,
    shot: async (area) => {
      let shown = shotNow(area)
      for (let look = 0, same = 0; same < 2 && look < mostLooks; look += 1) {
        await new Promise((resolve) => setTimeout(resolve, 200))
        const next = shotNow(area)
        same = next.equals(shown) ? same + 1 : 0
        shown = next
      }
      return execFileSync('convert', ['ppm:-', 'png:-'], { input: shown, maxBuffer: 64_000_000 })
    },
    click: (x, y, button = 'left') =>
      xdotool('mousemove', '--sync', x, y, 'click', button === 'left' ? 1 : 3),
    moveTo: (x, y) => xdotool('mousemove', x, y),
    press: (key) => xdotool('key', key),
  }
}
