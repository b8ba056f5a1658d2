import { test } from 'vitest'
import { scopesOf } from './scopes.ts'
import { tryScope } from './try-scope.ts'

test.each(scopesOf(2))(
  'T1.1 T9.1 T9.4 with a copy of the profile, and $faults faults over $connections connections, green is true and one of the two keeps it',
  (scope) => {
    tryScope(scope)
  },
  600_000,
)
