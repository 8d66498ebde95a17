/**
 * `rekey`: the sync has another primary key, and the model still has the former one beside it. Each row of state goes on under its new
 * key, with its record and with what was acknowledged; the former key ends. Nothing is read from the CRM and nothing is sent.
 */
import { BackfeedError, ExitCode } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import type { Column } from '../warehouse/warehouse.ts'
import { materialize } from './materialize.ts'
import type { Purpose, SourceCounts } from './purpose.ts'
import { formerDefinition, keyDefinition } from './refuse-other-key.ts'
import type { SyncRun } from './sync-run.ts'

interface KeyCounts {
  /** Rows of state that get another key, or the same one in another type. */
  pairs: number
  /** Rows of state whose former key the model does not have. */
  left: number
  /** Keys that are paired with several others, or that another row has already. */
  ambiguous: number
  blank: number
  unknown: number
}

/** `formerKey`: columns of the model that hold the primary key of before. */
export function rekeyPurpose(formerKey: readonly string[]): Purpose {
  let counts: KeyCounts | undefined
  return {
    name: 'rekey',
    formerKey,
    isOffline: true,
    async prepare(run) {
      await refuseOtherFormerKey(run)
      await materialize(run, ['former_keys'])
      counts = await countKeys(run)
      refuseUnclear(run, counts)
    },
    decide: (run) => materialize(run, ['rekeyed']),
    records: ['plan_row', 'plan_field'],
    countSource,
    readsSource: false,
    note: () => counts && noteOf(counts),
  }
}

export function noFormerColumn(
  { name, at }: SyncRun['sync'],
  column: string,
  columns: readonly Column[],
): BackfeedError {
  const near = nearestName(
    column,
    columns.map((each) => each.name),
  )
  return new BackfeedError({
    code: 'E-STATE-REKEY',
    message: `the model of ${name} has no column ${column}`,
    at,
    help: near === undefined ? 'put the former key into the model beside the new one' : `did you mean ${near}?`,
  })
}

async function refuseOtherFormerKey(run: SyncRun): Promise<void> {
  const { former_key, key, name } = run.context.sync
  const before = await formerDefinition(run)
  const now = keyDefinition(key)
  if (before === undefined) throw refused(run, `${name} has no state yet: there is nothing to rename`, 'run the sync')
  if (before === now)
    throw refused(run, `the primary key of ${name} is still ${now}`, 'change primary_key in the sync first, then rekey')
  const given = keyDefinition(former_key?.columns ?? [])
  const said = `the primary key of ${name} was ${before}, and --from says ${given}`
  if (given !== before) throw refused(run, said, 'name the columns of the former key, in its order and with its types')
}

async function countKeys(run: SyncRun): Promise<KeyCounts> {
  const { work, state } = run.context.sync
  const keys = work.former_keys
  const isAmbiguous = 'row_keys > 1 or former_keys > 1 or is_taken = 1'
  const sql = `select
  (select count(*) from ${keys}),
  (select count(*) from ${state} where disposition <> 'removed' and row_key not in (select former_key from ${keys})),
  (select count(*) from ${keys} where row_key is not null and (${isAmbiguous})),
  (select count(*) from ${keys} where row_key is null),
  (select count(*) from ${state} where disposition = 'unknown')`
  const [row] = await run.warehouse.rows(sql, { ...run.options('rekey'), max: 1 })
  const [pairs = 0, left = 0, ambiguous = 0, blank = 0, unknown = 0] = (row ?? []).map(Number)
  return { pairs, left, ambiguous, blank, unknown }
}

/** In doubt nothing is renamed: a key that went to the wrong record would be written to it from then on. */
function refuseUnclear(run: SyncRun, { pairs, ambiguous, blank, unknown }: KeyCounts): void {
  const { name } = run.context.sync
  if (unknown > 0)
    throw refused(run, `${rows(unknown)} of ${name} may have been written or not`, `backfeed reconcile -s ${name}`)
  if (blank > 0)
    throw refused(
      run,
      `${rows(blank)} of the model have a former key and no new one`,
      'give them one, or leave them out',
    )
  if (ambiguous > 0) {
    const message = `${ambiguous} pairs of keys are not one to one: a key stands beside several others, or another row has it already`
    throw refused(run, message, 'each former key needs one new key that no other row has')
  }
  if (pairs === 0)
    throw refused(run, `no row of state has a former key of the model`, 'see that --from is the former key')
}

function refused(run: SyncRun, message: string, help: string): BackfeedError {
  const { primaryKeyAt, at } = run.sync
  const problem = {
    code: 'E-STATE-REKEY' as const,
    message: `${message}; no key was changed`,
    at: primaryKeyAt ?? at,
    help,
  }
  return new BackfeedError(problem, { exitCode: ExitCode.refused })
}

function noteOf({ pairs, left }: KeyCounts): string {
  const stays =
    left === 1
      ? 'is not in the model under its former key and stays as it is'
      : 'are not in the model under their former key and stay as they are'
  const gone = left === 0 ? '' : `; ${rows(left)} of state ${stays}`
  return `${rows(pairs)} of state under their new key${gone}`
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`
}

async function countSource(run: SyncRun): Promise<SourceCounts> {
  const { relation, work } = run.context.sync
  const sql = `select (select count(*) from ${relation}), (select count(*) from ${work.former_keys})`
  const [row] = await run.warehouse.rows(sql, { ...run.options('count'), max: 1 })
  const [source = 0, candidates = 0] = (row ?? []).map(Number)
  return { source, candidates, candidateRows: candidates }
}
