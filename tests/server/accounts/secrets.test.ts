import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seal, unseal } from '../../../server/accounts/secrets.ts'

const secret = 'a secret of this installation, and of no other'

test('A2.8 what is sealed is read by who has the secret alone, for its purpose, unchanged', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(), (text, place) => {
      const sealed = seal(secret, 'a purpose', text)
      expect(unseal(secret, 'a purpose', sealed)).toBe(text)
      expect(seal(secret, 'a purpose', text)).not.toBe(sealed)
      expect(() => unseal(`${secret}.`, 'a purpose', sealed)).toThrow()
      expect(() => unseal(secret, 'another', sealed)).toThrow()
      const changed = Buffer.from(sealed, 'base64url')
      const at = place % changed.length
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => unseal(secret, 'a purpose', changed.toString('base64url'))).toThrow()
      expect(() => unseal(secret, 'a purpose', sealed.slice(0, 30))).toThrow()
    }),
  )
})
