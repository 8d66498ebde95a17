/**
 * What the CRM answered, on the local disk before the warehouse has it (protocol A5): it narrows the gap between an answer and its
 * flush, and nothing depends on it. Row numbers, outcomes and codes; never a value of a row. Without it, or on another machine, the
 * rows are read back instead.
 */
import { join } from 'node:path'
import { z } from 'zod'
import type { RowOutcome } from '../destination/destination.ts'
import type { Problem } from '../errors.ts'
import type { Journal, JournalFile } from '../ports.ts'
import type { Attempt } from './send-batch.ts'

const version = 1

const headerSchema = z.object({ v: z.literal(version), run_id: z.string(), org_id: z.string(), plan_id: z.string() })
const lineSchema = z.object({
  row_no: z.number().int().positive(),
  batch_no: z.number().int().positive(),
  attempt: z.number().int().positive(),
  outcome: z.enum(['succeeded', 'rejected', 'retryable', 'unknown']),
  crm_id: z.string().optional(),
  created: z.boolean().optional(),
  code: z.string().optional(),
  field: z.string().optional(),
  http_status: z.number().int().optional(),
  request_id: z.string().optional(),
})
export type JournalLine = z.infer<typeof lineSchema>

/** Whose answers a file holds. */
export interface JournalOwner {
  runId: string
  orgId: string
  planId: string
}

export interface RunJournal {
  /** Durable when it returns; a disk that takes no more is told once and then left alone. Never throws. */
  note(batchNo: number, attempt: Attempt): Promise<void>
  /** Everything it says is in the warehouse by now. Never throws. */
  remove(): Promise<void>
  /** Gives the file up and leaves it for the next run. Never throws. */
  close(): Promise<void>
}

export interface JournalPlace {
  journal: Journal
  /** Of the project. */
  dir: string
  owner: JournalOwner
  warn: (problem: Problem) => void
}

export function openRunJournal({ journal, dir, owner, warn }: JournalPlace): RunJournal {
  const path = journalPath(dir, owner.runId)
  let file: Promise<JournalFile> | undefined
  let isGivenUp = false
  const open = async (): Promise<JournalFile> => {
    const opened = await journal.open(path)
    await opened.append(`${JSON.stringify(headerOf(owner))}\n`)
    return opened
  }
  const giveUp = (error: unknown): void => {
    isGivenUp = true
    warn(unwritable(error))
  }
  const close = async (): Promise<void> => {
    const opened = file
    isGivenUp = true
    file = undefined
    await opened?.then((each) => each.close()).catch(() => undefined)
  }
  return {
    async note(batchNo, attempt) {
      if (isGivenUp) return
      try {
        file ??= open()
        const lines = attempt.results.map((result) => JSON.stringify(lineOf(batchNo, attempt, result)))
        await (await file).append(`${lines.join('\n')}\n`)
      } catch (error) {
        if (!isGivenUp) giveUp(error)
      }
    },
    async remove() {
      if (file === undefined) return
      await close()
      await journal.remove(path).catch(() => undefined)
    },
    close,
  }
}

/** The last word of every row, in order; nothing when there is no file, or it is not about this run. */
export async function readJournal(journal: Journal, dir: string, owner: JournalOwner): Promise<JournalLine[]> {
  const text = await journal.read(journalPath(dir, owner.runId)).catch(() => undefined)
  // The last piece has no line end: nothing, or a line that was being written.
  const [first, ...lines] = (text ?? '').split('\n').slice(0, -1).map(parsed)
  const header = headerSchema.safeParse(first)
  const isOurs =
    header.success &&
    header.data.run_id === owner.runId &&
    header.data.org_id === owner.orgId &&
    header.data.plan_id === owner.planId
  if (!isOurs) return []
  const last = new Map<number, JournalLine>()
  for (const line of lines) {
    const read = lineSchema.safeParse(line)
    // A file that makes no sense somewhere is not believed from there on.
    if (!read.success) break
    last.set(read.data.row_no, read.data)
  }
  return [...last.values()]
}

export async function removeJournal(journal: Journal, dir: string, runId: string): Promise<void> {
  await journal.remove(journalPath(dir, runId)).catch(() => undefined)
}

function journalPath(dir: string, runId: string): string {
  return join(dir, '.backfeed', 'journal', `${runId}.jsonl`)
}

function headerOf({ runId, orgId, planId }: JournalOwner): z.infer<typeof headerSchema> {
  return { v: version, run_id: runId, org_id: orgId, plan_id: planId }
}

function lineOf(batchNo: number, attempt: Attempt, { change, outcome }: Attempt['results'][number]): JournalLine {
  const { httpStatus, requestId } = attempt
  return {
    row_no: change.rowNo,
    batch_no: batchNo,
    attempt: attempt.attempt,
    outcome: outcome.status,
    ...(outcome.status === 'succeeded'
      ? { crm_id: outcome.recordId, created: outcome.created }
      : { code: outcome.code }),
    ...(outcome.status === 'rejected' && outcome.field !== undefined ? { field: outcome.field } : {}),
    ...(httpStatus === undefined ? {} : { http_status: httpStatus }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
  }
}

/** What a line says, without the CRM's own words: those are not kept on disk. */
export function outcomeOf(line: JournalLine): RowOutcome | undefined {
  const code = line.code ?? 'E-RUN-CRASHED'
  const reason = 'from the local journal of a run that died; the words of the CRM are not in it'
  switch (line.outcome) {
    case 'succeeded':
      return line.crm_id === undefined
        ? undefined
        : { status: 'succeeded', recordId: line.crm_id, created: line.created === true }
    case 'rejected':
      return { status: 'rejected', code, reason, ...(line.field === undefined ? {} : { field: line.field }) }
    default:
      return { status: line.outcome, code, reason }
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function unwritable(error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return {
    code: 'W-RUN-JOURNAL',
    message: `the local journal cannot be written (${code}); the run goes on without it`,
    help: 'nothing is lost: if this process dies, the next run reads more rows back from the CRM',
  }
}
