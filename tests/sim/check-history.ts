/** The CRM's own history, taken where no fault reaches, against what was allowed and what the log says of it. */
import type { Effect } from './crm-store.ts'
import type { RunRecord, World } from './world.ts'

export function checkHistory(world: World): void {
  const ours = world.crm.effects.filter(({ by }) => by !== 'user')
  onlyMappedFields(world, ours)
  unmappedFieldsAreTheUsers(world)
  noDuplicates(world, ours)
  neverOlderAfterNewer(world, ours)
  everyEffectIsTold(world, ours)
  everySuccessHappened(world, ours)
}

/** Some request of this world arrived later than any CRM is assumed to take (protocol S3): then order is not promised. */
export function isWild(world: World): boolean {
  return world.counters.of('crm: far too late') > 0
}

function onlyMappedFields(world: World, ours: readonly Effect[]): void {
  const { sync, match } = world.variant
  const allowed = new Set([match, ...sync.fields.map(({ to }) => to)])
  for (const { by, fields } of world.crm.requests) {
    const other = fields.filter((name) => !allowed.has(name))
    if (other.length > 0) world.violated('mapped fields only', `${by} sends ${other.join(', ')}`)
  }
  for (const { by, fields } of ours) {
    const other = Object.keys(fields).filter((name) => !allowed.has(name))
    if (other.length > 0) world.violated('mapped fields only', `${by} writes ${other.join(', ')}`)
  }
}

function unmappedFieldsAreTheUsers(world: World): void {
  const { notes } = world.variant
  for (const record of world.crm.records) {
    const last = world.crm.effects.filter(
      ({ by, recordId, fields }) => by === 'user' && recordId === record.id && notes in fields,
    )
    const wanted = last.at(-1)?.fields[notes] ?? null
    if ((record.fields[notes] ?? null) !== wanted) world.violated('unmapped fields', `${record.id} lost a note`)
  }
}

/** A record that a person deleted may be made again only by whoever never heard that it had been made. */
function noDuplicates(world: World, ours: readonly Effect[]): void {
  const { match } = world.variant
  const byKey = new Map<string, number>()
  for (const record of world.crm.live().filter(({ createdBy }) => createdBy !== 'user')) {
    const key = record.fields[match] ?? ''
    byKey.set(key, (byKey.get(key) ?? 0) + 1)
  }
  for (const [key, count] of byKey) if (count > 1) world.violated('no duplicates', `${count} records of ${key}`)
  const known = new Set(ours.filter(({ kind }) => kind === 'create').map(({ recordId }) => recordId))
  if (known.size !== ours.filter(({ kind }) => kind === 'create').length)
    world.violated('no duplicates', 'one record made twice')
}

function neverOlderAfterNewer(world: World, ours: readonly Effect[]): void {
  if (isWild(world)) return
  const epochs = epochsOf(world)
  const newest = new Map<string, number>()
  for (const { by, recordId, fields } of ours) {
    const epoch = epochs.get(by) ?? 0
    for (const name of Object.keys(fields)) {
      const place = `${recordId}.${name}`
      const before = newest.get(place) ?? 0
      if (epoch < before) world.violated('never back', `${by} (epoch ${epoch}) writes ${place} after epoch ${before}`)
      newest.set(place, Math.max(before, epoch))
    }
  }
}

function epochsOf(world: World): Map<string, number> {
  const rows = world.stage.store.select('select run_id, epoch from backfeed.sync_run')
  const byRun = new Map(rows.map(([run, epoch]) => [run, Number(epoch)]))
  return new Map(world.runs.map(({ process, runId }) => [process.name, byRun.get(runId ?? '') ?? 0]))
}

function planOf(world: World, run: RunRecord): string {
  const [row] = world.stage.store.select(`select plan_id from backfeed.sync_run where run_id = '${run.runId}'`)
  return row?.[0] ?? ''
}

/** Whatever changed in the CRM is in the log as done, or as perhaps done; never as not done. */
function everyEffectIsTold(world: World, ours: readonly Effect[]): void {
  const told = outcomesByChange(world)
  const runs = new Map(world.runs.map((run) => [run.process.name, run]))
  for (const effect of ours) {
    const { by, changeId, recordId, requestNo } = effect
    const run = runs.get(by)
    const outcome = told.get(`${run ? planOf(world, run) : ''}/${changeId}`)
    if (outcome !== 'succeeded' && outcome !== 'unknown' && !isOutOfSight(world, effect))
      world.violated(
        'audit complete',
        `${by} wrote ${recordId} (request ${requestNo}); the log says ${outcome ?? 'nothing'}`,
      )
  }
}

/** Whatever the log says was sent and done is in the CRM's history. */
function everySuccessHappened(world: World, ours: readonly Effect[]): void {
  const happened = new Set(ours.map(({ by, changeId }) => `${by}/${changeId}`))
  for (const run of world.runs) {
    const rows = world.stage.store.select(`select distinct p.change_id from backfeed.sync_result as r
join backfeed.sync_plan_row as p on p.plan_id = r.plan_id and p.row_no = r.row_no
where r.run_id = '${run.runId}' and r.outcome = 'succeeded' and r.send_seq is not null`)
    for (const [changeId] of rows)
      if (!happened.has(`${run.process.name}/${changeId}`))
        world.violated('audit truthful', `${run.process.name} says ${changeId} was done`)
  }
}

/** A person wrote over it before it could be read back, or it came after everything had been read. */
function isOutOfSight(world: World, effect: Effect): boolean {
  const { effects } = world.crm
  const later = effects.slice(effects.indexOf(effect) + 1)
  return isWild(world) || later.some(({ by, recordId }) => by === 'user' && recordId === effect.recordId)
}

function outcomesByChange(world: World): Map<string, string> {
  const rows = world.stage.store.select(`select p.plan_id, p.change_id, o.outcome from backfeed_audit.last_outcomes as o
join backfeed.sync_plan_row as p on p.plan_id = o.plan_id and p.row_no = o.row_no`)
  return new Map(rows.map(([plan, change, outcome]) => [`${plan}/${change}`, outcome ?? '']))
}
