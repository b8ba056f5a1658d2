import { type Colour, cameraFile } from '../support/room/picture-file.ts'

const scene = { width: 640, height: 360 }
const skin: Colour = [214, 170, 140]
const hair: Colour = [72, 52, 44]

/** Somebody before a wall, as far as plain shapes show it. */
const personFile = (wall: Colour, coat: Colour): string =>
  cameraFile({
    ...scene,
    colourAt: (x, y) => {
      const within = (left: number, top: number, wide: number, high: number) =>
        ((x - left) / wide) ** 2 + ((y - top) / high) ** 2 < 1
      if (within(320, 168, 58, 74)) return within(320, 112, 62, 40) ? hair : skin
      if (within(320, 150, 74, 86)) return hair
      if (within(320, 390, 170, 140)) return coat
      // The light comes from the left.
      return wall.map((part) => Math.round(part * (1 - x / 2_000))) as unknown as Colour
    },
  })

/** What the camera of each side sees. */
export const callersScene = () => personFile([196, 206, 214], [236, 238, 240])
export const calleesScene = () => personFile([206, 188, 168], [70, 96, 128])

/** Runs in a page: names as devices have them, where Chromium calls a camera that is a file by its path. */
export const nameDevices = () => {
  const devices = navigator.mediaDevices
  // Pages at no secure address have none.
  if (!devices) return
  const list = devices.enumerateDevices.bind(devices)
  const names: Readonly<Record<string, string>> = { audioinput: 'Headset', videoinput: 'Webcam' }
  devices.enumerateDevices = async () =>
    (await list()).map((device) => Object.assign(device.toJSON(), { label: names[device.kind] ?? '' }))
}
