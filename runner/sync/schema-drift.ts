/** Whether rows began to fail because the CRM's fields are others than when the run began (protocol A19). */
import type { FieldDescription } from '../destination/destination.ts'
import { BackfeedError, ExitCode } from '../errors.ts'
import type { StopReason } from './delivery-totals.ts'
import { type CrmSchema, describeCrmAgain } from './describe-crm.ts'
import type { SyncRun } from './sync-run.ts'

const doubtful = ['E-CRM-MAPPING', 'E-RUN-BREAKER', 'E-RUN-REJECTED']

/** The reason to report: the one given, or E-CRM-SCHEMA-DRIFT where the CRM's own description explains it. Reads only. */
export async function explainStop(run: SyncRun, stopped: StopReason): Promise<StopReason> {
  if (!doubtful.includes(stopped.code)) return stopped
  const changes = changedFields(run, await describedNow(run))
  const [first] = changes
  if (first === undefined) return stopped
  const at = run.sync.fields.find(({ to }) => to === first.name)?.at
  return {
    code: 'E-CRM-SCHEMA-DRIFT',
    message: `the CRM changed during the run: ${changes.map(({ name, how }) => `${run.sync.object}.${name} ${how}`).join(', ')}; the rest stays planned`,
    exitCode: ExitCode.rowFailures,
    ...(at === undefined ? {} : { at }),
  }
}

/** Undefined when the CRM does not say: then the error of the rows is all there is. */
async function describedNow(run: SyncRun): Promise<CrmSchema | undefined> {
  const signal = new AbortController().signal
  try {
    return await describeCrmAgain(run.destination, run.sync, signal)
  } catch (error) {
    if (error instanceof BackfeedError) return undefined
    throw error
  }
}

export interface FieldChange {
  name: string
  /** "is gone", "cannot be written any more" … */
  how: string
}

function changedFields(run: Pick<SyncRun, 'sync' | 'description'>, now: CrmSchema | undefined): FieldChange[] {
  if (now === undefined) return []
  const after = new Map(now.description.map((field) => [field.name, field]))
  const used = new Set([run.sync.match.field, ...run.sync.fields.map(({ to }) => to)])
  const mapped = run.description
    .filter(({ name }) => used.has(name))
    .flatMap((before) => {
      const how = fieldChange(before, after.get(before.name))
      return how === undefined ? [] : [{ name: before.name, how }]
    })
  return [...mapped, ...newlyRequired(run, now)]
}

function newlyRequired({ description }: Pick<SyncRun, 'description'>, now: CrmSchema): FieldChange[] {
  const before = new Set(description.filter(({ requiredOnCreate }) => requiredOnCreate).map(({ name }) => name))
  return now.description
    .filter(({ name, requiredOnCreate }) => requiredOnCreate && !before.has(name))
    .map(({ name }) => ({ name, how: 'is required now' }))
}

/** How a field became narrower; undefined when everything that was taken before still is. */
export function fieldChange(before: FieldDescription, after: FieldDescription | undefined): string | undefined {
  if (after === undefined) return 'is gone'
  if (before.vendorType !== after.vendorType) return `is ${after.vendorType} now, not ${before.vendorType}`
  if ((before.updateable && !after.updateable) || (before.createable && !after.createable))
    return 'cannot be written any more'
  if (after.length !== undefined && (before.length ?? Number.POSITIVE_INFINITY) > after.length)
    return `takes ${after.length} characters now`
  const values = new Set(after.allowedValues)
  const gone =
    after.allowedValues === undefined ? [] : (before.allowedValues ?? []).filter((value) => !values.has(value))
  if (gone.length > 0) return `lost ${gone.length} of its values`
  if (before.allowedValues === undefined && after.allowedValues !== undefined) return 'takes listed values only now'
  if (before.matchable && !after.matchable) return 'cannot be matched on any more'
  if (before.unique && !after.unique) return 'is not unique any more'
  return undefined
}
