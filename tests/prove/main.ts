import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import { inRoot, root } from '../../scripts/root.ts'
import { table } from '../../server/cli/table.ts'
import { readCommandLine } from '../../server/command-line.ts'
import { chosenPrograms, programsHelp } from '../support/chosen-programs.ts'
import { newSeed, type Proof, type ProofName, proofs, whatIsProven } from './proofs.ts'
import { runLogged } from './run-logged.ts'

interface Row {
  readonly name: ProofName
  readonly tried: readonly string[]
  readonly seed: string
  readonly result: string
  readonly minutes: number
}

/**
 * Runs the long proofs that are named, or all of them, one after the other, and prints a table.
 *
 * @returns 0 when all hold; 1 when one does not; 2 for a proof that there is not.
 */
async function prove(names: readonly string[]): Promise<0 | 1 | 2> {
  const chosen = chosenPrograms('npm run prove', whatIsProven, names)
  if (!chosen) return 2
  const longest = chosen.reduce((sum, name) => sum + proofs[name].minutes, 0)
  console.log(
    `On ${availableParallelism()} cores, ${longest} minutes at most. The logs are in output/prove/.`,
  )
  const rows: Row[] = []
  for (const name of chosen) {
    console.log(`${name}: ${proofs[name].what} …`)
    rows.push(await proveOne(name))
  }
  console.log(`\n${tableOf(rows)}`)
  return rows.every(({ result }) => result === 'holds') ? 0 : 1
}

async function proveOne(name: ProofName): Promise<Row> {
  const proof: Proof = proofs[name]
  const seed = newSeed()
  const log = inRoot('output', 'prove', `${name}.log`)
  const began = performance.now()
  const { parameters, env } = proof.command(seed)
  const { ok, tried, why } = await runLogged(parameters, { env, log, longest: proof.minutes * 60_000 })
  return {
    name,
    tried: tried.length > 0 ? tried : [proof.what],
    seed: proof.seeded ? String(seed) : '',
    result: ok ? 'holds' : `FAILS: ${why}, see ${relative(root, log)}`,
    minutes: (performance.now() - began) / 60_000,
  }
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ name, tried, seed, result, minutes }) =>
    tried.map((what, i) =>
      i === 0 ? [name, what, seed, minutes.toFixed(1), result] : ['', what, '', '', ''],
    ),
  )
  const all = rows.reduce((sum, { minutes }) => sum + minutes, 0)
  return table(['proof', 'tried', 'seed', 'minutes', 'result'], [...lines, ['', '', '', all.toFixed(1), '']])
}

const help = programsHelp(
  'npm run prove',
  'Tries for long what every test run tries for a moment: that the light is never green when a call would not get through. The logs are in output/prove/.',
  whatIsProven,
  { more: 'Ends with 1 when one does not hold.' },
)

process.exit(await prove(readCommandLine(help, (names) => names)))
