import { expect, test } from 'vitest'
import { scopesOf } from './scopes.ts'
import { tryScope } from './try-scope.ts'

test.each(scopesOf(1, [1]))(
  'T1.1 T9.1 T9.3 T9.4 L3.10 in every order in which messages and $faults $of can meet over $connections connections and one node, green is true, an older connection replaces no newer one, and green comes back',
  (scope) => {
    expect(tryScope(scope).whole).toBe(scope.mostStates === Infinity)
  },
  600_000,
)
