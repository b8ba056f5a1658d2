import { test } from 'vitest'
import { drawInToolbar, drawnLights } from './drawn-lights.ts'
import { openDesktop } from './open-desktop.ts'
import { openFirefoxDesktop } from './open-firefox-desktop.ts'
import { type Picture, saveRows } from './save-picture.ts'

/** What is seen of the toolbar: the icon in the middle, in the browser's own pixels. */
const area = { width: 64, height: 38 }
/** How much bigger the page shows it. */
const bigger = 1.5

/** As fine as most screens are, so that what is cut there is seen to be. */
const look = (dark: boolean) => ({ scale: 2, dark })

async function inChromium(dark: boolean): Promise<readonly Picture[]> {
  const desktop = await openDesktop(look(dark))
  const watcher = await desktop.open('manifest.json')
  desktop.moveAway()
  const pictures: Picture[] = []
  for (const [caption, view] of drawnLights) {
    await watcher.evaluate(drawInToolbar, view)
    pictures.push({ png: await desktop.shotOfIcon(area), caption, width: area.width * bigger })
  }
  return pictures
}

async function inFirefox(dark: boolean): Promise<readonly Picture[]> {
  const desktop = await openFirefoxDesktop(look(dark))
  const pictures: Picture[] = []
  for (const [caption, view] of drawnLights) {
    await desktop.page.evaluate(drawInToolbar, view)
    pictures.push({
      png: await desktop.shot(area.width, area.height),
      caption,
      width: area.width * bigger,
    })
  }
  return pictures
}

test('toolbar.png', async () => {
  await saveRows('toolbar', [
    { name: 'Chromium', pictures: await inChromium(false) },
    { name: 'Chromium, dark', pictures: await inChromium(true) },
    { name: 'Firefox', pictures: await inFirefox(false) },
    { name: 'Firefox, dark', pictures: await inFirefox(true) },
  ])
}, 180_000)
