import { runChecks } from './checks.ts'

const { failed } = await runChecks()
if (failed.length > 0) console.log('\n`npm run fix` mends what a machine can mend.')
process.exit(failed.length === 0 ? 0 : 1)
