import { expect, test } from 'vitest'
import { scopesOf, told } from './scopes.ts'
import { search } from './search.ts'

test.each(scopesOf(1, [1]))(
  'T1.1 T9.1 T9.3 T9.4 L3.10 in every order in which messages and $faults $of can meet over $connections connections and $nodes node(s), green is true, an older connection replaces no newer one, and green comes back',
  (scope) => {
    const found = search(scope)
    console.log(told(scope, found))
    expect(found.fault).toBeNull()
    expect(found.whole).toBe(scope.mostStates === Infinity)
  },
  600_000,
)
