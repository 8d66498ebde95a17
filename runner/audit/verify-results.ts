/** The results of one run's epoch against the events that vouch for them: sealed as they were written, or closed in the warehouse. */
import { z } from 'zod'
import type { TextRow } from '../warehouse/warehouse.ts'
import { type Finding, finding, type LoggedLink, type LoggedRun } from './verify-links.ts'
import { type Closing, columnsOf, parseJson, type Reader, type SealAt } from './verify-reader.ts'
import { verifyMessages, verifySeal } from './verify-seals.ts'

const page = 10_000

interface Pages extends Closing {
  /** Of sync_result, in the order of the log. */
  seals: readonly SealAt[]
}

export async function verifyResults(reader: Reader, run: LoggedRun, { seals, result, closings }: Pages): Promise<void> {
  const columns = columnsOf('sync_result')
  const closed = closedAt(run, closings)
  const salt = reader.saltOf(run)
  const open = new Map<SealAt, TextRow[]>(seals.map((each) => [each, []]))
  const settle = (each: SealAt): void => {
    const rows = open.get(each) ?? []
    open.delete(each)
    const messages = verifyMessages(run, { columns, rows, salt })
    result.erased += messages.erased
    result.findings.push(...verifySeal({ run, ...each, columns, rows }), ...messages.findings)
  }
  for await (const rows of resultPages(reader, run, columns)) {
    result.rows += rows.length
    for (const row of rows) {
      const seq = Number(row[columns.indexOf('seq')])
      const own = [...open.keys()].find(({ seal }) => seq >= (seal.from ?? 0) && seq <= (seal.to ?? -1))
      for (const each of [...open.keys()]) if ((each.seal.to ?? 0) < seq) settle(each)
      if (own) open.get(own)?.push(row)
      else result.findings.push(...verifyClosed(run, { columns, row, closed }))
    }
  }
  for (const each of [...open.keys()]) settle(each)
  result.findings.push(...verifyCounts(run, closed))
}

interface ClosedRows {
  seq: number
  outcome: string
  rows: number
  found: number
}

const closedSchema = z.object({
  closed: z.array(z.object({ seq: z.number(), outcome: z.string(), rows: z.number() })).optional(),
})

/** Rows that got their outcome all at once: by the run itself as it ended, or by a later one for a run that had died. */
function closedAt(run: LoggedRun, closings: readonly LoggedLink[]): Map<string, ClosedRows> {
  const own = [...run.links, ...closings].filter(({ epoch }) => epoch === run.epoch)
  const entries = own.flatMap(({ detail }) => closedSchema.safeParse(parseJson(detail)).data?.closed ?? [])
  return new Map(entries.map((entry) => [`${entry.seq}/${entry.outcome}`, { ...entry, found: 0 }]))
}

/** What stands in the place of an answer when a run ends. */
const closingCodes = new Set(['E-RUN-STOPPED', 'E-RUN-CRASHED'])

function verifyClosed(
  run: LoggedRun,
  { columns, row, closed }: { columns: readonly string[]; row: TextRow; closed: Map<string, ClosedRows> },
): Finding[] {
  const cell = (name: string) => row[columns.indexOf(name)] ?? null
  const seq = Number(cell('seq'))
  const entry = closed.get(`${seq}/${cell('outcome')}`)
  const unsent = cell('attempt') === '0' && cell('send_seq') === null
  if (entry && unsent) {
    entry.found += 1
    return []
  }
  // It died between the rows and the event that was to tell of them.
  const hasDied = run.links.at(-1)?.event === 'crashed' || !run.links.some(({ event }) => endings.has(event))
  if (unsent && closingCodes.has(cell('code') ?? '') && hasDied) return []
  return [
    finding(run, 'insert', seq, `sync_result, row ${cell('row_no')} of ${cell('plan_id')}: no event vouches for it`),
  ]
}

const endings: ReadonlySet<string> = new Set(['succeeded', 'partial', 'failed', 'interrupted', 'aborted', 'refused'])

function verifyCounts(run: LoggedRun, closed: Map<string, ClosedRows>): Finding[] {
  return [...closed.values()]
    .filter(({ rows, found }) => rows !== found)
    .map(({ seq, rows, found }) =>
      finding(
        run,
        found < rows ? 'delete' : 'insert',
        seq,
        `sync_result, seq ${seq}: ${rows} rows were closed, ${found} are there`,
      ),
    )
}

/** Everything recorded in the run's epoch for its sync, in the order of the log. */
async function* resultPages(reader: Reader, run: LoggedRun, columns: readonly string[]): AsyncGenerator<TextRow[]> {
  const { context, read, literal } = reader
  const { sync_result, sync_run } = context.run.ledger
  const [seqAt, rowAt] = [columns.indexOf('seq'), columns.indexOf('row_no')]
  let last = { seq: '-1', row: '-1' }
  for (;;) {
    const rows = await read(`select ${columns.map((name) => `result.${name}`).join(', ')}
from ${sync_result} as result
where result.epoch = ${run.epoch} and result.run_id in (select run_id from ${sync_run} where sync_name = ${literal(run.sync)} and org_id = ${literal(run.orgId)})
  and (result.seq > ${last.seq} or result.seq = ${last.seq} and result.row_no > ${last.row})
order by result.seq, result.row_no limit ${page}`)
    if (rows.length > 0) yield rows
    if (rows.length < page) return
    last = { seq: rows.at(-1)?.[seqAt] ?? '', row: rows.at(-1)?.[rowAt] ?? '' }
  }
}
