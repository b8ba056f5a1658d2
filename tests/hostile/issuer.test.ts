import { expect, test } from 'vitest'
import { clientId, withHostile } from '../server/openid/with-hostile.ts'
import { attack } from './count.ts'

test('Z1.1 O5.1 an id token that is wrong in anything signs nobody in', async () => {
  const { outcome } = await withHostile()
  const tokens = attack('issuer', 'forged id tokens')
  const wrongs = [
    { nonce: 'another' },
    { aud: [clientId, 'another-client'] },
    { iss: undefined },
    { sub: '' },
  ]
  for (const claims of wrongs)
    await tokens.hold(JSON.stringify(claims), async () =>
      expect(await outcome({ claims })).toBe('issuer-fault'),
    )
})
