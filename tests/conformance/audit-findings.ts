/** What `backfeed audit check` says of everything a lab did: the witness at the end of a suite. */
import { type ChecksRequest, runChecks } from '../../runner/audit/checks.ts'
import { packageEnvironment } from '../support/package-environment.ts'
import { statement, type TestWarehouseName } from '../support/warehouses.ts'
import type { SyncLab } from './sync-lab.ts'

/** Findings by invariant; empty when all is well. */
export async function auditFindings(
  { opened }: SyncLab,
  name: TestWarehouseName,
  more?: Partial<ChecksRequest>,
): Promise<string[]> {
  const results = await runChecks({
    warehouse: opened.warehouse,
    environment: packageEnvironment(name),
    schema: 'backfeed',
    auditSchema: 'backfeed_audit',
    options: statement,
    ...more,
  })
  return results.flatMap(({ number, findings }) => findings.map(({ finding }) => `${number} ${finding}`))
}
