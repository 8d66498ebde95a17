import { isBuilt, warehouseNames } from '../../runner/warehouse/registry.ts'
import { findPostgres, postgresMissing } from './postgres-server.ts'

/** Environment that a suite against the real service would need. */
const needed: Record<string, string> = {
  redshift: 'REDSHIFT_HOST',
  snowflake: 'SNOWFLAKE_ACCOUNT',
  bigquery: 'GOOGLE_APPLICATION_CREDENTIALS',
  databricks: 'DATABRICKS_HOST',
}

/** A warehouse that was not tested is said so, by name and with the reason; it never counts as passed. */
export function reportNotRun(): void {
  console.log('not run here: duckdb (it runs in npm test)')
  if (findPostgres() === undefined) console.log(`not run: postgres (${postgresMissing})`)
  for (const name of warehouseNames) {
    const variable = needed[name]
    if (variable === undefined) continue
    const reasons = [
      ...(process.env[variable] ? [] : [`${variable} unset`]),
      ...(isBuilt(name) ? [] : ['adapter not built yet']),
    ]
    console.log(`not run: ${name} (${reasons.join('; ')})`)
  }
}
