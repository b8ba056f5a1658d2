import { prove } from './prove/prove.ts'

process.exit(await prove(process.argv.slice(2)))
