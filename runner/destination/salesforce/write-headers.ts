import type { WriteOptions } from '../../project/write-options.ts'

/** Headers of every write. Source: REST guide, "Assignment Rule Header", "Duplicate Rule Header". */
export function writeHeaders(options: WriteOptions = {}): Readonly<Record<string, string>> {
  const duplicates = duplicateRuleHeader(options)
  return {
    'Content-Type': 'application/json',
    // Salesforce runs assignment rules on API writes unless told not to, and they give records away.
    'Sforce-Auto-Assign': autoAssign(options.assignmentRule),
    ...(duplicates === undefined ? {} : { 'Sforce-Duplicate-Rule-Header': duplicates }),
  }
}

function autoAssign(rule: string | undefined): string {
  if (rule === undefined || rule === 'none') return 'FALSE'
  return rule === 'active' ? 'TRUE' : rule
}

function duplicateRuleHeader({ duplicateRule }: WriteOptions): string | undefined {
  if (duplicateRule === undefined) return undefined
  const { allowSave = false, asCurrentUser = false } = duplicateRule
  // Details would bring values of other records into answers; their ids come without.
  return `allowSave=${allowSave}; includeRecordDetails=false; runAsCurrentUser=${asCurrentUser}`
}
