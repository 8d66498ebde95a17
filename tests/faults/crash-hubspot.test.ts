import { findPostgres } from '../support/postgres-server.ts'
import { crashMatrix } from './support/crash-matrix.ts'

const points = {
  CP01: 'once',
  CP02: 'once',
  CP05: 'often',
  CP06: 'once',
  CP07: 'once',
  CP08: 'often',
  CP09: 'often',
  CP10: 'often',
  CP11: 'often',
  CP13: 'often',
  CP14: 'once',
  CP15: 'often',
  CP24: 'once',
  CP25: 'once',
  CP26: 'once',
  CP27: 'once',
} as const

crashMatrix({ leg: 'hubspot', warehouse: 'duckdb', points, short: [] })
// Where the warehouse is a server, answers are in the local journal first.
const journaled = { ...points, CP12: 'often' } as const
if (findPostgres() !== undefined)
  crashMatrix({
    leg: 'hubspot',
    warehouse: 'postgres',
    points: journaled,
    short: ['CP04', 'CP09', 'CP13', 'CP14', 'CP15', 'CP24'],
  })
