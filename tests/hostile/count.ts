import { onTestFinished, TestRunner } from 'vitest'

/** Who attacks. A neighbour is another user of the machine on which the server runs. */
export type Role =
  | 'issuer'
  | 'provisioner'
  | 'device'
  | 'caller'
  | 'visitor'
  | 'page'
  | 'server'
  | 'neighbour'

/** One class of inputs of a hostile role, within one test. */
export interface Tried {
  readonly role: Role
  /** What they have in common, in a few words: `forged proofs`. */
  readonly kind: string
  inputs: number
  /** Inputs that did what they must not, with what was found. */
  readonly through: string[]
}

declare module 'vitest' {
  interface TaskMeta {
    tried?: Tried[]
  }
}

export interface Attack {
  /** Counts inputs that the test itself judges. */
  (inputs: number): void
  /**
   * Tries one input and counts it. What `hold` throws, an expectation that failed above all, says that the input got
   * through; the rest is tried all the same, and the test fails at its end.
   */
  hold(input: string, hold: () => unknown): Promise<void>
}

/** Begins a class of attack, in a test. Its counts stand in the table that ends the run. */
export function attack(role: Role, kind: string): Attack {
  const tried: Tried = { role, kind, inputs: 0, through: [] }
  const { meta } = TestRunner.getCurrentTest() ?? {}
  if (!meta) throw new Error('an attack begins in a test')
  meta.tried = [...(meta.tried ?? []), tried]
  onTestFinished(() => {
    const { length } = tried.through
    if (tried.inputs === 0) throw new Error(`none of ${kind} was tried`)
    if (length === 0) return
    throw new Error(
      `${length} of ${tried.inputs} ${kind} got through:\n${tried.through.slice(0, 20).join('\n')}`,
    )
  })
  const count = (inputs: number) => {
    tried.inputs += inputs
  }
  const hold = async (input: string, hold: () => unknown) => {
    count(1)
    try {
      await hold()
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error)
      tried.through.push(`${shown(input)}: ${found}`.slice(0, 500))
    }
  }
  return Object.assign(count, { hold })
}

const shown = (input: string) => (input.length > 300 ? `${input.slice(0, 300)}… (${input.length})` : input)
