/** What `backfeed audit check` and `backfeed audit verify` say of the log: every invariant, and every link and seal of the hash chain. */
import { runChecks } from '../../../runner/audit/checks.ts'
import { verifyAudit } from '../../../runner/audit/verify.ts'
import { packageEnvironment } from '../../support/package-environment.ts'
import { statement } from '../../support/warehouses.ts'
import type { ProcessLab } from './process-lab.ts'

export async function auditFindings(lab: ProcessLab, sync: string): Promise<string[]> {
  const { warehouse } = lab.opened
  const environment = packageEnvironment(lab.warehouse)
  const shared = { warehouse, environment, schema: 'backfeed', options: statement }
  const checks = await runChecks({ ...shared, auditSchema: 'backfeed_audit', only: [sync] })
  const chain = await verifyAudit({ ...shared, project: 'faults', auditKey: '' })
  await warehouse.release()
  return [
    ...checks.flatMap(({ number, title, found }) => (found === 0 ? [] : [`${number} ${title}: ${found}`])),
    ...chain.findings.map((finding) => `INV-21 audit verify: ${JSON.stringify(finding)}`),
  ]
}
