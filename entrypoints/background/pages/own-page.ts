import { browser } from '../../../platform/browser.ts'

/** Who sent a message or opened a port, as the browser has it. */
export interface Sender {
  readonly id?: string | undefined
  readonly url?: string | undefined
}

/** Whether it is a page of this extension: no site can send to the worker, and should one, it is not heard. */
export const isOwnPage = (sender: Sender | undefined): boolean =>
  sender?.id === browser.runtime.id && (sender?.url?.startsWith(browser.runtime.getURL('/')) ?? false)
