/** Puts our tables back into the layout of an earlier release (tests/fixtures/ledger), keeping their rows. */
import { readFileSync } from 'node:fs'
import { type LedgerDefinition, ledgerDefinition, parseLedger } from '../../runner/audit/ledger.ts'
import { splitStatements } from '../../runner/compile/split-statements.ts'
import type { WarehouseName } from '../../runner/warehouse/warehouse.ts'
import { packageEnvironment } from './package-environment.ts'

export function releasedLedger(version: 1): LedgerDefinition {
  return parseLedger(readFileSync(new URL(`../fixtures/ledger/tables-v${version}.yml`, import.meta.url), 'utf8'))
}

/** Statements, one after the other; rows keep what that layout had a column for. */
export function downgradeStatements(name: WarehouseName, schema: string, version: 1): string[] {
  const environment = packageEnvironment(name)
  const { tables } = releasedLedger(version)
  const cascade = name === 'postgres' ? ' cascade' : ''
  const older = [...tables].flatMap(([table, columns]) => {
    const list = columns.map((column) => column.name).join(', ')
    return [
      ...splitStatements(environment.call('sql.create_table', [`${schema}.older`, columns])),
      `insert into ${schema}.older (${list}) select ${list} from ${schema}.${table}`,
      `drop table ${schema}.${table}${cascade}`,
      environment.call('sql.rename_table', [`${schema}.older`, table]),
    ]
  })
  const newer = [...ledgerDefinition().tables.keys()].filter((table) => !tables.has(table))
  return [
    ...older,
    ...newer.map((table) => `drop table ${schema}.${table}${cascade}`),
    `delete from ${schema}.sync_schema`,
    `insert into ${schema}.sync_schema (version, tool_version, applied_at) values (${version}, '0.1.0', ${environment.call('sql.now_utc', [])})`,
  ]
}
