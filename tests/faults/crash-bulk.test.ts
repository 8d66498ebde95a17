import { findPostgres } from '../support/postgres-server.ts'
import { crashMatrix } from './support/crash-matrix.ts'

const points = {
  CP01: 'once',
  CP02: 'once',
  CP05: 'often',
  CP06: 'once',
  CP07: 'once',
  CP14: 'once',
  CP16: 'often',
  CP17: 'often',
  CP18: 'often',
  CP19: 'often',
  CP20: 'often',
  CP21: 'often',
  CP22: 'often',
  CP23: 'often',
  CP24: 'once',
  CP25: 'once',
  CP26: 'once',
  CP27: 'once',
} as const

crashMatrix({
  leg: 'bulk',
  warehouse: 'duckdb',
  points,
  short: ['CP16', 'CP17', 'CP18', 'CP19', 'CP20', 'CP21', 'CP22', 'CP23'],
})
if (findPostgres() !== undefined) crashMatrix({ leg: 'bulk', warehouse: 'postgres', points, short: [] })
