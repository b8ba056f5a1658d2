import { Resvg } from '@resvg/resvg-js'
import { expect, test } from 'vitest'
import { type IconName, iconPaths, icons, type LettersOver } from '../../../assets/icons.ts'
import { chimeTone, phoneTone, ringTone, waitingTone } from '../../../assets/ring-tone.ts'
import { type ShapeName, shapes } from '../../../components/shapes.ts'

const names = Object.keys(shapes) as ShapeName[]
const lettered = ['reachable-lettered', 'unreachable-lettered', 'away-lettered', 'busy-lettered'] as const

const png = (path: string, letters: LettersOver) => {
  const icon = icons(letters).find((one) => one.path === path)
  if (!icon) throw new Error(`no ${path}`)
  return icon.contents
}

/** Red, green, blue and alpha of each pixel, row by row. */
function pixels(
  path: string,
  letters: LettersOver = 'chromium',
): {
  readonly side: number
  readonly at: (x: number, y: number) => readonly number[]
} {
  const contents = png(path, letters)
  const side = contents.readUInt32BE(16)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><image width="${side}" height="${side}" href="data:image/png;base64,${contents.toString('base64')}"/></svg>`
  const raw = new Resvg(svg).render().pixels
  return { side, at: (x, y) => [...raw.subarray((y * side + x) * 4, (y * side + x) * 4 + 4)] }
}

const luminance = (rgb: readonly number[]) => {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const contrast = (a: readonly number[], b: readonly number[]) => {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other)
  return (light + 0.05) / (dark + 0.05)
}

const rgb = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))

const colourOf = (name: ShapeName) => {
  const { fill, stroke } = shapes[name].ground[0]?.[1] ?? {}
  const colour = typeof stroke === 'string' ? stroke : fill
  if (typeof colour !== 'string') throw new Error(`${name} has no colour`)
  return rgb(colour)
}

test('U8.1 every shape is drawn at every size that a toolbar wants, on clear ground', () => {
  for (const name of [...names, ...lettered, 'invisible'] as const) {
    expect(Object.keys(iconPaths(name))).toEqual(['16', '24', '32', '48'])
    for (const [size, path] of Object.entries(iconPaths(name))) {
      const { side, at } = pixels(path)
      expect(side).toBe(Number(size))
      expect(at(0, 0)[3]).toBe(0)
    }
  }
  expect(Object.keys(iconPaths('app'))).toEqual(['16', '32', '48', '128'])
})

/** What letters leave to be seen of an icon: rows, as parts of its height. */
const seen: Readonly<Record<LettersOver, readonly [from: number, to: number]>> = {
  chromium: [0, 0.46],
  firefox: [0.38, 1],
}
const whole = [0, 1] as const

function expectDifferent(
  icons: readonly IconName[],
  letters: LettersOver,
  [from, to]: readonly [number, number],
) {
  const visible = (name: IconName) => {
    const { side, at } = pixels(`icons/${name}-16.png`, letters)
    const [first, last] = [Math.ceil(side * from), Math.floor(side * to)]
    return Array.from({ length: side * (last - first) }, (_, index) => {
      const [r = 0, g = 0, b = 0, alpha = 0] = at(index % side, first + Math.floor(index / side))
      return alpha < 128 ? 'clear' : r > 180 && g > 180 && b > 180 ? 'white' : 'ink'
    })
  }
  for (const one of icons)
    for (const other of icons.slice(icons.indexOf(one) + 1)) {
      const [a, b] = [visible(one), visible(other)]
      const different = a.filter((pixel, index) => pixel !== b[index]).length
      expect(different / a.length, `${one} and ${other} in ${letters}`).toBeGreaterThan(0.04)
    }
}

test('U8.2 shapes differ without colour at 16 px, also in what letters leave to be seen in each browser', () => {
  for (const letters of ['chromium', 'firefox'] as const) {
    expectDifferent(names, letters, whole)
    expectDifferent([...lettered, 'checking', 'invisible'], letters, seen[letters])
  }
})

test('U8.2 the whole sign is in what letters leave to be seen', () => {
  const white = (name: IconName, letters: LettersOver, [from, to]: readonly [number, number]) => {
    const { side, at } = pixels(`icons/${name}-48.png`, letters)
    const rows = Array.from({ length: side }, (_, y) => y).filter((y) => y >= side * from && y < side * to)
    return rows
      .flatMap((y) => Array.from({ length: side }, (_, x) => at(x, y)))
      .filter((pixel) => pixel.slice(0, 3).every((part) => part > 200)).length
  }
  for (const letters of ['chromium', 'firefox'] as const)
    for (const name of lettered) {
      expect(white(name, letters, whole)).toBeGreaterThan(100)
      expect(white(name, letters, seen[letters]), `${name} in ${letters}`).toBeGreaterThan(
        0.9 * white(name, letters, whole),
      )
    }
})

test('U8.2 each shape can be told from light and dark toolbars', () => {
  for (const name of names)
    for (const toolbar of ['#ffffff', '#f0f0f4', '#2b2a33', '#202124'])
      expect(contrast(colourOf(name), rgb(toolbar)), `${name} on ${toolbar}`).toBeGreaterThanOrEqual(3)
})

test('U8.2 green is the colour of the proof alone', () => {
  const green = names.filter((name) => {
    const [r = 0, g = 0, b = 0] = colourOf(name)
    return g > r && g > b
  })
  expect(green).toEqual(['reachable'])
})

test.each([
  ['bell', ringTone(), 4],
  ['chime', chimeTone(), 4],
  ['telephone', phoneTone(), 3],
] as const)('U8.4 the tone of a %s is a small WAV file that loops without a click', (_, wav, seconds) => {
  expect(wav.length).toBeLessThanOrEqual(40_000)
  expect(wav.subarray(0, 4).toString()).toBe('RIFF')
  expect(wav.readUInt32LE(4)).toBe(wav.length - 8)
  const [rate, samples] = [wav.readUInt32LE(24), wav.subarray(44)]
  expect(samples.length / rate).toBe(seconds)
  const loudness = (part: Buffer) => Math.max(...part.map((value) => Math.abs(value - 128)))
  expect(loudness(samples.subarray(0, 2 * rate))).toBeGreaterThan(60)
  expect(loudness(samples.subarray((seconds - 0.5) * rate))).toBe(0)
  expect(Math.abs((samples[0] ?? 0) - 128)).toBeLessThan(4)
})

test('C8.21 the tone of call waiting is one stroke, shorter than a second and much softer', () => {
  const [ring, soft] = [ringTone(), waitingTone()].map((wav) => wav.subarray(44))
  const loudest = (wav: Buffer | undefined) => Math.max(...(wav ?? []).map((value) => Math.abs(value - 128)))
  expect(soft?.length).toBeLessThan(8_000)
  expect(loudest(soft)).toBeLessThan(loudest(ring) / 2)
  expect(loudest(soft)).toBeGreaterThan(10)
})

test('U8.4 no step between two samples is a click, nor does any sample clip', () => {
  const samples = ringTone().subarray(44)
  let biggest = 0
  for (let index = 1; index < samples.length; index += 1)
    biggest = Math.max(biggest, Math.abs((samples[index] ?? 0) - (samples[index - 1] ?? 0)))
  expect(biggest).toBeLessThan(110)
  expect(Math.min(...samples)).toBeGreaterThan(0)
  expect(Math.max(...samples)).toBeLessThan(255)
})
