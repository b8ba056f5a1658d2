import { expect } from 'vitest'
import { told } from './scopes.ts'
import { type Found, type Scope, search } from './search.ts'

/** Looks at all that there is in a scope, or at the nearest of it: no state of it breaks a rule. */
export function tryScope(scope: Scope): Found {
  const found = search(scope)
  console.log(told(scope, found))
  expect(found.fault).toBeNull()
  return found
}
