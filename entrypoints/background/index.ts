import { defineBackground } from '#imports'
import { browser } from '../../platform/browser.ts'
import { callOfClosedWindow, openCallWindow } from './calls/call-window.ts'
import { callOfNotification, notificationButtons } from './calls/notification.ts'
import { compose } from './compose.ts'
import { welcomeOnce } from './lifecycle/welcome.ts'
import { isOutageNotification } from './outage/outage-notification.ts'
import { serveCommand } from './pages/commands.ts'
import { createHandlers } from './pages/handlers.ts'
import { isOwnPage } from './pages/own-page.ts'
import { isPeopleNotification, threadOfNotification } from './people/people-notification.ts'
import { isMenuItem, statusOfItem } from './toolbar/menu.ts'
import { openPopup } from './toolbar/toolbar.ts'

/**
 * Every listener is registered here, before anything is awaited: a browser wakes a worker for an event
 * only if its first turn registered for it.
 */
export default defineBackground({
  main() {
    const background = compose()
    const { calls, lifecycle, outages, people, reachability, restoreAttempted, updater } = background
    const handlers = createHandlers(background)

    browser.runtime.onConnect.addListener((port) => {
      if (!isOwnPage(port.sender)) return
      background.ports.connect(port)
      people.connect(port)
    })
    browser.runtime.onMessage.addListener((message: unknown, sender, sendResponse) => {
      if (!isOwnPage(sender)) return
      const heard = performance.now()
      const reply = restoreAttempted().then(() => serveCommand(handlers, message, performance.now() - heard))
      void reply.then(sendResponse, () => sendResponse(null))
      return true
    })

    browser.runtime.onStartup.addListener(() => {
      outages.browserStarted()
      return lifecycle.wake()
    })
    const wake = async () => {
      await lifecycle.wake()
      people.woke()
      void background.rehearsals.look()
    }
    browser.alarms.onAlarm.addListener(wake)
    browser.idle.onStateChanged.addListener(wake)

    browser.windows.onRemoved.addListener(async (window) => {
      const call = await callOfClosedWindow(window)
      if (call !== null) people.callWindowClosed(call)
    })

    browser.runtime.onInstalled.addListener(({ reason }) => {
      if (reason === 'install') void welcomeOnce()
    })
    browser.runtime.onUpdateAvailable.addListener(updater.available)

    const chooseStatus = async (item: unknown) => {
      const chosen = statusOfItem(item, Date.now())
      if (!chosen) return
      await restoreAttempted()
      await people.handlers['set-status'](chosen)
    }
    browser.commands.onCommand.addListener(chooseStatus)
    browser.contextMenus.onClicked.addListener(async ({ menuItemId }) => {
      if (!isMenuItem(menuItemId)) return await chooseStatus(menuItemId)
      // Opening needs the click itself in some browsers, so nothing may be awaited before it.
      if (menuItemId === 'open') return await openPopup()
      await restoreAttempted()
      await (menuItemId === 'exit' ? lifecycle.exit() : lifecycle.logOut())
    })

    browser.notifications.onClicked.addListener((id) => {
      const call = callOfNotification(id)
      if (call !== null) void openCallWindow(call)
      if (isPeopleNotification(id)) {
        const thread = threadOfNotification(id)
        if (thread !== null) people.wantThread(thread)
        void openPopup().catch(() => {})
        void browser.notifications.clear(id)
      }
      if (!isOutageNotification(id)) return
      void openPopup().catch(() => {})
      outages.clicked()
    })
    browser.notifications.onClosed.addListener((id) => {
      if (isOutageNotification(id)) outages.closed()
    })
    // Firefox's notifications have no buttons.
    if (!import.meta.env.FIREFOX)
      browser.notifications.onButtonClicked.addListener(async (id, index) => {
        const call = callOfNotification(id)
        const button = notificationButtons[index]
        await restoreAttempted()
        if (call === null || !button) return
        // What an earlier worker kept of it may not be readable yet: its window says so, and has the buttons once it is.
        if (calls.now().some(({ id }) => id === call)) calls.press(call, button)
        else await openCallWindow(call)
      })

    // Firefox says when it stops the page; Chromium does not, and relies on the next boot.
    if (import.meta.env.FIREFOX)
      browser.runtime.onSuspend.addListener(() => reachability.dispatch({ type: 'doubted' }))
  },
})
