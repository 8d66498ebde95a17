/** When everything has come to rest: the CRM holds what the source wants or the ledger says why not, and a further run is silent. */
import { renderPackageModel } from '../../runner/sync/materialize.ts'
import { rebuiltColumns } from '../../runner/sync/rebuild-state.ts'
import type { TextRow } from '../../runner/warehouse/warehouse.ts'
import { isWild } from './check-history.ts'
import type { SimRecord } from './crm-store.ts'
import { type Customer, refusedValue } from './source-table.ts'
import type { World } from './world.ts'

export async function checkRest(world: World): Promise<void> {
  await furtherRunsAreSilent(world)
  for (const customer of world.source.rows) isWhereItBelongs(world, customer)
  stateIsTheFoldOfTheLog(world)
}

/** State made anew from the append-only log is the state there is, but for what only paces retries. */
function stateIsTheFoldOfTheLog(world: World): void {
  const { store } = world.stage
  const { environment, seen } = world.templates
  if (!seen) return
  const { sql } = renderPackageModel(environment, 'rebuilt', seen)
  const { work, state } = seen.sync
  store.exec(`create table ${work.rebuilt} as\n${sql}`)
  const columns = rebuiltColumns({ context: seen }).join(', ')
  const differing = (a: string, b: string): TextRow[] =>
    store.select(`select row_key from (select ${columns} from ${a} except select ${columns} from ${b})`)
  const rows = [...differing(state, work.rebuilt), ...differing(work.rebuilt, state)]
  if (rows.length > 0) world.violated('state is the fold of the log', `differs for ${rows.join(', ')}`)
}

async function furtherRunsAreSilent(world: World): Promise<void> {
  const before = world.crm.requests.length
  for (const verb of ['run', 'plan'] as const) {
    const { result, error } = await world.calmly({ verb })
    if (result?.plan?.counts.send !== 0)
      world.violated('idempotent', `a further ${verb} would send ${result?.plan?.counts.send ?? error?.message} rows`)
  }
  if (world.crm.requests.length > before) world.violated('idempotent', 'a further run sends something')
}

interface StateRow {
  disposition: string
  crmId: string | null
}

function stateOf(world: World, key: string): StateRow | undefined {
  const [row]: TextRow[] = world.stage.store.select(
    `select disposition, crm_id from backfeed.state_${world.variant.sync.name} where row_key = '${key}'`,
  )
  return row && { disposition: row[0] ?? '', crmId: row[1] ?? null }
}

function isWhereItBelongs(world: World, customer: Customer): void {
  const state = stateOf(world, customer.id)
  world.counters.add(`rests: ${state?.disposition}`)
  if (!state) world.violated('nothing forgotten', `state does not know ${customer.id}`)
  else if (state.disposition === 'synced') holdsTheWanted(world, customer, state)
  else if (!explained(world, customer, state.disposition))
    world.violated('nothing forgotten', `${customer.id} rests as ${state.disposition} without a reason`)
}

/** Reasons that the world itself gave. */
function explained(world: World, customer: Customer, disposition: string): boolean {
  const { name } = world.variant.sync
  const repeated = world.source.rows.filter(({ id }) => id === customer.id).length > 1
  const meddled = world.scenario.steps.some(
    (step) => step.do === 'user' && (step.what === 'deletes' || step.what === 'looks alike'),
  )
  const spoilt = customer.segment === refusedValue
  switch (disposition) {
    case 'quarantined':
      return repeated || meddled || (name === 'hs_upsert' && customer.score === null)
    case 'rejected':
      return spoilt || meddled
    case 'skipped':
      return name === 'sf_update' || name === 'hs_create' || (name === 'sf_hold' && customer.name === null)
    case 'held':
      return name === 'sf_hold'
    default:
      return false
  }
}

function holdsTheWanted(world: World, customer: Customer, { crmId }: StateRow): void {
  const record = world.crm.records.find(({ id }) => id === crmId)
  if (!record) {
    world.violated('converged', `${customer.id} is synced to no record`)
    return
  }
  for (const field of world.variant.sync.fields) {
    if (field.write !== 'always' || field.from === undefined) continue
    const wanted = customer[field.from as keyof Customer]
    if (wanted === null && field.onNull !== 'clear') continue
    const live = record.fields[field.to] ?? null
    const text = wanted === null ? null : String(wanted)
    if (live === text || isTheUsers(world, record, field.to) || isWild(world)) continue
    world.violated('converged', `${customer.id}: ${field.to} of ${record.id} is ${live} and should be ${text}`)
  }
}

/** A person wrote it last, or deleted the record: what was acknowledged was there, and people may change it. */
function isTheUsers(world: World, record: SimRecord, field: string): boolean {
  if (record.deleted) return true
  const writes = world.crm.effects.filter((effect) => effect.recordId === record.id && field in effect.fields)
  const last = writes.at(-1)
  // What a record was made with is not an edit of what we had written.
  return last?.by === 'user' && last.kind === 'update'
}
