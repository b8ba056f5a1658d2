import { prove } from './prove.ts'

process.exit(await prove(process.argv.slice(2)))
