/**
 * Recomputes the hash chain and everything its events vouch for: run headers, configurations, plans, intents, jobs, calls and
 * results. Reads page by page; a log of any length needs the memory of one run's events and one page of rows.
 */
import { z } from 'zod'
import type { TextRow } from '../warehouse/warehouse.ts'
import { tombstone } from './chain.ts'
import type { LedgerTable } from './ledger.ts'
import { planDigest } from './plan-digest.ts'
import {
  type Finding,
  finding,
  type LoggedLink,
  type LoggedRun,
  type RunHeader,
  verifyRun,
  verifySuccession,
} from './verify-links.ts'
import {
  type Closing,
  columnsOf,
  parseJson,
  type Reader,
  readerOf,
  type SealAt,
  type Verification,
  type VerifyRequest,
} from './verify-reader.ts'
import { verifyResults } from './verify-results.ts'
import { verifySeal } from './verify-seals.ts'

const pageRuns = 200

export async function verifyAudit(request: VerifyRequest): Promise<Verification> {
  const reader = readerOf(request)
  const result: Verification = { findings: [], runs: 0, events: 0, rows: 0, unsealed: 0, erased: 0, heads: [] }
  const missing = new Set(request.heads)
  for (const runs of groups(await readRuns(reader))) await verifySync(reader, runs, { result, missing })
  for (const head of missing) {
    const told = `${head} is not in the log: what was written since was rewritten or cut off`
    result.findings.push(finding(undefined, 'truncated', null, told))
  }
  result.findings.push(...(await strays(reader)))
  return result
}

async function readRuns({ context, read, literal, sync }: Reader): Promise<RunHeader[]> {
  const rows =
    await read(`select run_id, sync_name, org_id, epoch, plan_id, mapping_hash from ${context.run.ledger.sync_run}
${sync === undefined ? '' : `where sync_name = ${literal(sync)}`} order by sync_name, org_id, epoch, started_at`)
  return rows.map(([runId, name, orgId, epoch, planId, mappingHash]) => ({
    runId: runId ?? '',
    sync: name ?? '',
    orgId: orgId ?? '',
    epoch: Number(epoch),
    planId: planId ?? '',
    mappingHash: mappingHash ?? '',
  }))
}

/** Runs of one sync in one organisation belong to one chain; they come in its order. */
function groups(runs: readonly RunHeader[]): RunHeader[][] {
  const chains = new Map<string, RunHeader[]>()
  for (const run of runs) {
    const name = `${run.orgId}/${run.sync}`
    const chain = chains.get(name)
    if (chain) chain.push(run)
    else chains.set(name, [run])
  }
  return [...chains.values()]
}

interface Tally {
  result: Verification
  missing: Set<string>
}

async function verifySync(reader: Reader, headers: readonly RunHeader[], { result, missing }: Tally): Promise<void> {
  const runs: LoggedRun[] = []
  for (let from = 0; from < headers.length; from += pageRuns)
    runs.push(...(await withLinks(reader, headers.slice(from, from + pageRuns))))
  const closings = runs.flatMap(({ links }) => links.filter(({ event }) => event === 'crashed'))
  for (const run of runs) {
    for (const { hash } of run.links) missing.delete(hash)
    result.findings.push(...verifyRun(run, reader.auditKey))
    result.runs += 1
    result.events += run.links.length
    await verifyRows(reader, run, { result, closings })
  }
  result.findings.push(...verifySuccession(runs))
  const last = runs.findLast(({ links }) => links.length > 0)
  const head = last?.links.at(-1)
  if (last && head) result.heads.push({ sync: last.sync, orgId: last.orgId, runId: last.runId, hash: head.hash })
}

const linkColumns = 'run_id, epoch, seq, chain_no, event, detail, logged_at, prev_hash, hash, chain_key'

async function withLinks({ context, read, literal }: Reader, headers: readonly RunHeader[]): Promise<LoggedRun[]> {
  const ids = headers.map(({ runId }) => literal(runId)).join(', ')
  const rows = await read(
    `select ${linkColumns} from ${context.run.ledger.sync_run_event} where run_id in (${ids}) order by chain_no, seq`,
  )
  const links = new Map<string, LoggedLink[]>()
  for (const row of rows) {
    const [runId = '', epoch, seq, chainNo, event, detail, loggedAt, prevHash, hash, chainKey] = row
    const link: LoggedLink = {
      runId: runId ?? '',
      epoch: Number(epoch),
      seq: Number(seq),
      chainNo: Number(chainNo),
      event: event ?? '',
      detail: detail ?? '',
      loggedAt: `${(loggedAt ?? '').slice(0, 23)}Z`,
      prevHash: prevHash ?? '',
      hash: hash ?? '',
      chainKey: chainKey ?? null,
    }
    links.set(link.runId, [...(links.get(link.runId) ?? []), link])
  }
  return headers.map((header) => ({ ...header, links: links.get(header.runId) ?? [] }))
}

const sealSchema = z.object({
  rows: z.number(),
  from: z.number().optional(),
  to: z.number().optional(),
  sha256: z.string(),
})
const detailSchema = z.object({ sealed: z.record(z.string(), sealSchema).optional() })

async function verifyRows(reader: Reader, run: LoggedRun, closing: Closing): Promise<void> {
  const { result } = closing
  const seals = run.links.flatMap(sealsOf)
  if (seals.length === 0) {
    if (run.links.length > 0) result.unsealed += 1
    return
  }
  const others = seals.filter(({ table }) => table !== 'sync_result')
  for (const table of new Set(others.map((each) => each.table))) {
    const { columns, rows } = await readTable(reader, run, table)
    result.rows += rows.length
    for (const each of others.filter((other) => other.table === table))
      result.findings.push(...verifySeal({ run, ...each, columns, rows: rowsOf(each, columns, rows) }))
  }
  await verifyPlan(reader, run, closing)
  await verifyResults(reader, run, { ...closing, seals: seals.filter(({ table }) => table === 'sync_result') })
}

/** A detail that is no JSON any more has been edited; its hash says so. */
function sealsOf({ detail, seq }: LoggedLink): SealAt[] {
  const parsed = detailSchema.safeParse(parseJson(detail))
  return Object.entries(parsed.data?.sealed ?? {}).map(([table, { from, to, ...seal }]) => ({
    seq,
    table,
    seal: { ...seal, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
  }))
}

/** What a run wrote into one table. */
async function readTable(
  { context, read, literal }: Reader,
  run: RunHeader,
  table: string,
): Promise<{ columns: string[]; rows: TextRow[] }> {
  const name = table as LedgerTable
  const where: Partial<Record<LedgerTable, string>> = {
    sync_config: `first_run_id = ${literal(run.runId)}`,
    sync_mapping: `sync_name = ${literal(run.sync)} and mapping_hash = ${literal(run.mappingHash)}`,
  }
  const columns = columnsOf(name)
  const relation = context.run.ledger[name]
  if (relation === undefined || columns.length === 0) return { columns: [], rows: [] }
  const own = where[name] ?? `run_id = ${literal(run.runId)}`
  return { columns, rows: await read(`select ${columns.join(', ')} from ${relation} where ${own}`) }
}

function rowsOf(
  { seal: { from, to } }: SealAt,
  columns: readonly string[],
  rows: readonly TextRow[],
): readonly TextRow[] {
  if (from === undefined || to === undefined) return rows
  const at = columns.indexOf('seq')
  return rows.filter((row) => Number(row[at]) >= from && Number(row[at]) <= to)
}

async function verifyPlan(reader: Reader, run: LoggedRun, { result }: Closing): Promise<void> {
  const { context, read, literal } = reader
  const { sync_plan, sync_plan_field } = context.run.ledger
  const [header] = await read(`select fields_digest from ${sync_plan} where plan_id = ${literal(run.planId)}`)
  const recorded = header?.[0]
  if (!recorded) return
  const planned = run.links.find(({ event }) => event === 'planned')
  if ((await planDigest(reader, run.planId)) !== recorded)
    result.findings.push(
      finding(run, 'edit', planned?.seq ?? null, `rows or fields of ${run.planId} are not those that were planned`),
    )
  const salt = reader.saltOf(run)
  if (salt === undefined) return
  const sql = `select min(row_no), sum(case when ${unlike(reader, salt)} then 1 else 0 end), sum(case when '${tombstone}' in (before_value, base_value, desired_value) then 1 else 0 end)
from ${sync_plan_field} where plan_id = ${literal(run.planId)}`
  const [counts] = await read(sql)
  result.erased += Number(counts?.[2] ?? 0)
  if (Number(counts?.[1] ?? 0) > 0)
    result.findings.push(
      finding(
        run,
        'edit',
        planned?.seq ?? null,
        `${counts?.[1]} values of ${run.planId} are not those that were hashed`,
      ),
    )
}

/** A value that was kept whole fits its hash; masked ones end in asterisks, erased ones are told apart. */
function unlike({ environment, literal }: Reader, salt: string): string {
  const parts = ['before', 'base', 'desired'].map((name) => {
    const hash = environment.call('sql.sha256', [`${literal(salt)} || ${name}_value`])
    return `${name}_value is not null and ${name}_value <> '${tombstone}' and ${name}_value not like '%***' and coalesce(${name}_hash, '') <> ${hash}`
  })
  return parts.join(' or ')
}

/** Events whose run is not in the log. */
async function strays({ context, read, sync }: Reader): Promise<Finding[]> {
  if (sync !== undefined) return []
  const { sync_run_event, sync_run } = context.run.ledger
  const rows = await read(
    `select run_id, min(seq) from ${sync_run_event} where run_id not in (select run_id from ${sync_run}) group by run_id`,
  )
  return rows.map(([runId, seq]) => ({
    kind: 'delete' as const,
    sync: null,
    runId: runId ?? null,
    seq: Number(seq),
    message: 'events of a run whose header is gone',
  }))
}
