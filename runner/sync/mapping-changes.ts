/** What the mapping says otherwise than at the last run (protocol A19): for the plan's reader, and for what state may still believe. */
import { lastSettledRun } from './last-settled.ts'
import type { SyncRun } from './sync-run.ts'

export interface MappingChanges {
  /** Fields that the last run did not write: whatever state holds of them is from before. */
  added: readonly string[]
  removed: readonly string[]
  /** "LTV__c: null policy ignore is clear now" */
  changed: readonly string[]
}

const rules = { source_column: 'column', null_policy: 'null policy', write_rule: 'write' } as const

/** Undefined when this sync never ran against the organisation. */
export async function mappingChanges(run: SyncRun): Promise<MappingChanges | undefined> {
  const last = await lastSettledRun(run)
  if (last === undefined || last.orgId !== run.org.orgId) return undefined
  const before = await mappingOf(run, last.mappingHash)
  const now = new Map(
    run.sync.fields.map(({ to, from, onNull, write }) => [
      to,
      { source_column: from ?? null, null_policy: onNull, write_rule: write },
    ]),
  )
  if (before.size === 0) return undefined
  const changed = [...now].flatMap(([field, rule]) => {
    const old = before.get(field)
    if (old === undefined) return []
    return Object.entries(rules).flatMap(([key, word]) => {
      const [was, is] = [old[key as keyof typeof rules], rule[key as keyof typeof rules]]
      return was === is ? [] : [`${field}: ${word} ${was ?? '(constant)'} is ${is ?? '(constant)'} now`]
    })
  })
  return {
    added: [...now.keys()].filter((field) => !before.has(field)),
    removed: [...before.keys()].filter((field) => !now.has(field)),
    changed,
  }
}

type Rule = Record<keyof typeof rules, string | null>

async function mappingOf(run: SyncRun, hash: string): Promise<Map<string, Rule>> {
  const sql = `select field, source_column, null_policy, write_rule from ${run.context.run.ledger.sync_mapping} where sync_name = '${run.sync.name}' and mapping_hash = '${hash}' and owner = 'warehouse'`
  const rows = await run.warehouse.rows(sql, { ...run.options('start'), max: 10_000 })
  return new Map(
    rows.map(([field, column, policy, write]) => [
      field ?? '',
      { source_column: column ?? null, null_policy: policy ?? null, write_rule: write ?? null },
    ]),
  )
}

/** Sentences for the plan. Values of the added fields were never acknowledged, so that `first_sync` decides about them. */
export function mappingWarnings(changes: MappingChanges | undefined, held: Readonly<Record<string, number>>): string[] {
  if (changes === undefined) return []
  const added = changes.added.map((field) => `${field} is new (${held[field] ?? 0} records hold another value of it)`)
  const removed = changes.removed.map((field) => `${field} is left to the CRM from now on`)
  const all = [...added, ...removed, ...changes.changed]
  return all.length === 0 ? [] : [`the mapping is another than at the last run: ${all.join('; ')}`]
}
