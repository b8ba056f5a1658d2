import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chromiumId, chromiumKey, firefoxId } from '../../protocol/extension.ts'
import { extensionFolder, type Target } from '../../scripts/build-extension.ts'

type Manifest = Readonly<Record<string, unknown>>

const manifestOf = (target: Target) =>
  JSON.parse(readFileSync(join(extensionFolder(target), 'manifest.json'), 'utf8')) as Manifest

const chrome = manifestOf('chrome')
const firefox = manifestOf('firefox')

test('H5.1 the extension asks for what it uses and for no site', () => {
  const both = ['alarms', 'contextMenus', 'identity', 'idle', 'notifications', 'storage', 'unlimitedStorage']
  expect(chrome.permissions).toEqual([...both, 'offscreen'])
  expect(firefox.permissions).toEqual(both)
  for (const manifest of [chrome, firefox])
    for (const key of [
      'host_permissions',
      'optional_permissions',
      'optional_host_permissions',
      'content_scripts',
      'externally_connectable',
      'web_accessible_resources',
    ])
      expect(manifest).not.toHaveProperty(key)
})

test('H5.6 Firefox tells whoever installs it of all that is sent to the server', () => {
  expect(firefox).toMatchObject({
    browser_specific_settings: {
      gecko: {
        data_collection_permissions: {
          // The password; names and email addresses; messages.
          required: ['authenticationInfo', 'personallyIdentifyingInfo', 'personalCommunications'],
        },
      },
    },
  })
})

test('H5.2 the key gives Chromium the id that the server knows', () => {
  expect(chrome.key).toBe(chromiumKey)
  const hash = createHash('sha256').update(Buffer.from(chromiumKey, 'base64')).digest('hex')
  const id = [...hash.slice(0, 32)].map((digit) => 'abcdefghijklmnop'[Number.parseInt(digit, 16)]).join('')
  expect(id).toBe(chromiumId)
  expect(firefox).not.toHaveProperty('key')
})

test('H5.3 both are Manifest V3 and name the oldest browser that they work in', () => {
  expect(chrome).toMatchObject({ manifest_version: 3, minimum_chrome_version: '120' })
  expect(chrome).not.toHaveProperty('browser_specific_settings')
  expect(firefox).toMatchObject({
    manifest_version: 3,
    browser_specific_settings: { gecko: { id: firefoxId, strict_min_version: '140.0' } },
  })
  expect(firefox).not.toHaveProperty('minimum_chrome_version')
})
