/** The numbers of a plan, counted in the warehouse. */
import type { SyncRun } from './sync-run.ts'

export interface PlanCounts {
  source: number
  candidates: number
  /** Rows of the source that did not have to be looked at. */
  unchanged: number
  send: number
  create: number
  update: number
  clears: number
  noop: number
  held: number
  skipped: number
  quarantined: number
  removed: number
  /** Of the rows to send those that go by request; they come first. */
  sendByRequest: number
  /** Bulk jobs that carry the others. */
  jobs: number
  /** Write requests: one per batch, three per job. */
  writeCalls: number
  quarantineByReason: Record<string, number>
  heldByReason: Record<string, number>
  skippedByReason: Record<string, number>
  /** Rules with on_fail: fail that some row breaks. */
  failingRules: Record<string, number>
  /** Fields that the live CRM changed under us and that this plan leaves alone. */
  drift: number
}

/** Create, upload, close. */
const callsPerJob = 3

export async function countPlan(run: SyncRun): Promise<PlanCounts> {
  const { work } = run.context.sync
  const { source, candidates, candidateRows } = await run.purpose.countSource(run)
  const totals = await numbers(run, totalsQuery(run))
  const [
    send = 0,
    create = 0,
    update = 0,
    noop = 0,
    held = 0,
    skipped = 0,
    quarantined = 0,
    removed = 0,
    sendByRequest = 0,
    requests = 0,
    jobs = 0,
  ] = totals
  return {
    source,
    candidates,
    unchanged: source - candidateRows,
    send,
    create,
    update,
    clears: totals[11] ?? 0,
    drift: totals[12] ?? 0,
    noop,
    held,
    skipped,
    quarantined,
    removed,
    sendByRequest,
    jobs,
    writeCalls: requests + jobs * callsPerJob,
    heldByReason: await grouped(run, reasonQuery(work.changes, 'held')),
    skippedByReason: await grouped(run, reasonQuery(work.changes, 'skipped')),
    ...(await brokenRules(run)),
  }
}

async function brokenRules(run: SyncRun): Promise<Pick<PlanCounts, 'quarantineByReason' | 'failingRules'>> {
  if (!run.purpose.readsSource) return { quarantineByReason: {}, failingRules: {} }
  const { quarantine, violations } = run.context.sync.work
  const waiting = `select rule, count(*) from ${quarantine} group by rule order by 2 desc, 1`
  const failing = `select rule, count(*) from ${violations} where on_fail = 'fail' group by rule order by 1`
  return { quarantineByReason: await grouped(run, waiting), failingRules: await grouped(run, failing) }
}

function totalsQuery(run: SyncRun): string {
  const { work, fields } = run.context.sync
  const count = (condition: string) => run.environment.call('sql.count_where', [condition])
  const perField = (action: string) =>
    fields.map((field) => count(`decision = 'send' and action_${field.slug} = '${action}'`)).join(' + ')
  const decisions = ['noop', 'held', 'skipped', 'quarantined', 'removed'].map((decision) =>
    count(`decision = '${decision}'`),
  )
  const sends = [
    count("decision = 'send'"),
    count("decision = 'send' and op = 'create'"),
    count("decision = 'send' and op = 'update'"),
  ]
  const drift = fields.map((field) => count(`action_${field.slug} = 'drift'`)).join(' + ')
  const batches = (transport: string) => `count(distinct case when transport = '${transport}' then batch_no end)`
  const carried = [count("transport = 'rest'"), batches('rest'), batches('bulk')]
  return `select ${[...sends, ...decisions, ...carried, perField('clear'), drift].join(', ')} from ${work.changes}`
}

function reasonQuery(changes: string, decision: string): string {
  return `select reason, count(*) from ${changes} where decision = '${decision}' group by reason order by 2 desc, 1`
}

async function numbers(run: SyncRun, sql: string): Promise<number[]> {
  const rows = await run.warehouse.rows(sql, { ...run.options('count'), max: 1 })
  return (rows[0] ?? []).map(Number)
}

async function grouped(run: SyncRun, sql: string): Promise<Record<string, number>> {
  const rows = await run.warehouse.rows(sql, { ...run.options('count'), max: 1_000 })
  return Object.fromEntries(rows.map(([name, count]) => [name ?? '(none)', Number(count)]))
}
