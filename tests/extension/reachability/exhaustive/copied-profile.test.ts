import { expect, test } from 'vitest'
import { scopesOf, told } from './scopes.ts'
import { search } from './search.ts'

test.each(scopesOf(2))(
  'T1.1 T9.1 T9.4 with a copy of the profile, and $faults faults over $connections connections, green is true and one of the two keeps it',
  (scope) => {
    const found = search(scope)
    console.log(told(scope, found))
    expect(found.fault).toBeNull()
  },
  600_000,
)
