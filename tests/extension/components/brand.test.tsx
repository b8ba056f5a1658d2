// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { OptionsPage } from '../../../components/OptionsPage.tsx'
import { Popup } from '../../../components/Popup.tsx'
import { WelcomePage } from '../../../components/WelcomePage.tsx'
import { draw } from './draw.tsx'
import { asker, watchNothing } from './fake-asker.ts'
import { reachable } from './states.ts'

test.each([
  ['popup', () => <Popup state={reachable()} ask={asker().ask} watch={watchNothing} />],
  ['options', () => <OptionsPage state={reachable()} ask={asker().ask} version="1.2.3" />],
  ['welcome page', () => <WelcomePage state={reachable()} ask={asker().ask} browser="chromium" />],
])('U8.8 the %s begins with the mark of the app and its name', async (_, page) => {
  await draw(page())
  const mark = document.querySelector('main')?.querySelector('.mark, h1, h2')
  expect(mark?.textContent).toBe('Reachable')
  expect(mark?.querySelector('img')?.getAttribute('src')).toBe('/icons/app-48.png')
})
