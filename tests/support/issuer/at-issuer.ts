import type { Device } from '../device.ts'
import { openDevice } from '../open-device.ts'
import { chooserOn } from './chooser.ts'
import { type AskingIssuer, startServerWithIssuer } from './open-issuer.ts'

/** A browser whose server has an issuer. */
export async function atIssuer() {
  const { server, issuer } = await startServerWithIssuer()
  const device = await openDevice()
  const options = await device.openOptions()
  await options.setServer(server.url)
  await options.page.close()
  return { server, issuer, device }
}

/** Presses the issuer's button in the popup and waits for the window that it opens. */
export async function pressSignIn(device: Device, { issuer }: AskingIssuer) {
  const popup = await device.openPopup()
  const opened = device.nextPageAt(issuer)
  await popup.issuerButton('Google').click()
  return { popup, chooser: chooserOn(await opened) }
}
