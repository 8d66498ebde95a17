import { type RowError, rowError } from './api-error.ts'
import type { WriteContext } from './write-context.ts'
import { type Prepared, storeWrite } from './write-row.ts'

export type RowResult =
  | { success: true; id: string; created: boolean }
  | { success: false; errors: readonly RowError[] }

const ROLLED_BACK = 'Record rolled back because not all records were valid and the request was using AllOrNone header'

/**
 * Rows one after the other, each seeing what the ones before it stored. With allOrNone every row is checked before
 * the first is stored, so there is never anything to undo and history shows no write that did not last.
 */
export function writeRows(
  context: WriteContext,
  rows: readonly (() => Prepared)[],
  { allOrNone }: { allOrNone: boolean },
): RowResult[] {
  if (!allOrNone) {
    return rows.map((prepare) => {
      context.claims.clear()
      return store(context, prepare())
    })
  }
  const prepared = rows.map((prepare) => prepare())
  if (prepared.every((one) => 'write' in one)) return prepared.map((one) => store(context, one))
  const collateral = [rowError('ALL_OR_NONE_OPERATION_ROLLED_BACK', ROLLED_BACK)]
  return prepared.map((one) => ({ success: false, errors: 'errors' in one ? one.errors : collateral }))
}

function store(context: WriteContext, prepared: Prepared): RowResult {
  if ('errors' in prepared) return { success: false, errors: prepared.errors }
  storeWrite(context, prepared.write)
  return { success: true, id: prepared.write.id, created: prepared.write.op === 'create' }
}
