import { firefoxId } from '../../../protocol/extension.ts'
import { widget } from './firefox-toolbar.ts'

/** Firefox gives each profile's copy of an extension an address of its own, unless it is told which. */
export const extensionUuid = 'b3f0c6de-6a4f-4b0c-9a55-0c5f1f6f2f10'

const hidden = JSON.stringify({ placements: { 'unified-extensions-area': [widget], 'nav-bar': [] } })

/** Those of a browser with our extension, its icon in the toolbar or hidden. */
export const devicePreferences = (pinned: boolean) => ({
  'extensions.webextensions.uuids': JSON.stringify({ [firefoxId]: extensionUuid }),
  // What was installed by hand into the profile is taken as it is, unsigned and unasked.
  'extensions.autoDisableScopes': 0,
  'extensions.startupScanScopes': 15,
  'xpinstall.signatures.required': false,
  // Where a release of Firefox takes it only as a guest, what it stores outlives its stay all the same.
  'extensions.webextensions.keepStorageOnUninstall': true,
  'extensions.webextensions.keepUuidOnUninstall': true,
  // Its own notifications are shown, replaced and listed without a screen too; those of the system need one.
  'alerts.useSystemBackend': false,
  ...(pinned ? {} : { 'browser.uiCustomization.state': hidden }),
})
