/**
 * What must be true at the end of every case, whatever happened in it: the history inside the emulator against what the audit in the
 * warehouse says. Each check returns what is broken, in words and without values.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { RecordVersion } from '../../../emulator/core/crm.ts'
import type { JournalEntry } from '../../../emulator/core/journal.ts'
import { isWrite } from '../../support/live-project.ts'
import { auditFindings } from './audit-findings.ts'
import { holdsToken, type ProcessLab } from './process-lab.ts'
import type { Leg } from './sync-leg.ts'
import { tally } from './tally.ts'

export interface Expected {
  leg: Leg
  sync: string
  /** Of the keys in the CRM, those that this is about. */
  isOurs: (key: string) => boolean
  /** Fields by key, as the CRM must hold them. */
  records: Readonly<Record<string, Readonly<Record<string, string | null>>>>
}

interface Stored {
  id: string
  key: string
  fields: Readonly<Record<string, unknown>>
}

/** Empty when all is well. */
export async function brokenInvariants(lab: ProcessLab, expected: Expected): Promise<string[]> {
  const stored = await storedRecords(lab, expected)
  const journal = await lab.journal()
  const broken = [
    ...recordsDiffer(expected, stored),
    ...(await historyIsOurs(lab, expected, stored)),
    ...unmappedFieldsSent(expected.leg, journal),
    ...(await auditAddsUp(lab, expected.sync)),
    ...(await auditFindings(lab, expected.sync)),
    ...(await identityDiffers(lab, expected.sync, stored)),
    ...(await effectsWithoutResult(lab, expected, { stored, journal })),
    ...lab.leaks.map((place) => `E15 a token is in ${place}`),
    ...filesWithTokens(lab.dir).map((file) => `E15 a token is in ${file}`),
  ]
  tally('witness statements')
  tally('invariants broken', broken.length)
  return broken
}

/** Logs and artifacts below the project; a folder that is not there has written nothing. */
function filesWithTokens(dir: string): string[] {
  const places = ['logs', 'target', '.backfeed'].filter((place) => existsSync(join(dir, place)))
  const files = places.flatMap((place) =>
    readdirSync(join(dir, place), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  return files.filter((file) => holdsToken(readFileSync(file, 'utf8'))).map((file) => relative(dir, file))
}

export async function storedRecords(lab: ProcessLab, { leg, isOurs }: Expected): Promise<Stored[]> {
  const records = await lab.emulator.control.records(leg.crm, leg.object)
  return records.flatMap((record) => {
    const fields = fieldsOf(record)
    const key = String(fields[leg.key] ?? '')
    return isOurs(key) ? [{ id: String(record.Id ?? record.id), key, fields }] : []
  })
}

function fieldsOf(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { properties } = record
  return typeof properties === 'object' && properties !== null ? { ...properties } : { ...record }
}

function recordsDiffer({ records }: Expected, stored: readonly Stored[]): string[] {
  const broken: string[] = []
  const byKey = new Map<string, Stored[]>()
  for (const record of stored) byKey.set(record.key, [...(byKey.get(record.key) ?? []), record])
  for (const [key, found] of byKey) {
    if (found.length > 1) broken.push(`E1 ${found.length} records have the key ${key}`)
    if (records[key] === undefined) broken.push(`E1 a record with the key ${key} that nobody asked for`)
  }
  for (const [key, fields] of Object.entries(records)) {
    const record = byKey.get(key)?.[0]
    if (record === undefined) broken.push(`E5 no record has the key ${key}`)
    // HubSpot keeps a cleared property as an empty text.
    else
      for (const [field, value] of Object.entries(fields))
        if ((record.fields[field] || null) !== value) broken.push(`E5 ${field} of ${key} is not what was wanted`)
  }
  return broken
}

/** Every version that a request made may differ from the one before in mapped fields and in what the CRM itself derives. */
async function historyIsOurs(lab: ProcessLab, { leg }: Expected, stored: readonly Stored[]): Promise<string[]> {
  const broken: string[] = []
  for (const { id, key } of stored) {
    const versions = await lab.emulator.control.history(leg.crm, leg.object, id)
    if (versions.filter(({ op }) => op === 'create').length > 1) broken.push(`E1 ${key} was created twice`)
    if (versions.some(({ op }) => op === 'delete')) broken.push(`E7 ${key} was deleted`)
    if (ownedChanged(versions, leg.owned)) broken.push(`E6 a request changed ${leg.owned} of ${key}`)
  }
  return broken
}

function ownedChanged(versions: readonly RecordVersion[], owned: string): boolean {
  return versions.some(({ request, fields }, index) => {
    if (request === 'control') return false
    return (versions[index - 1]?.fields[owned] ?? null) !== (fields[owned] ?? null)
  })
}

const ENVELOPE = new Set(['attributes', 'id', 'Id', 'idProperty', 'objectWriteTraceId', 'properties'])

function unmappedFieldsSent(leg: Leg, journal: readonly JournalEntry[]): string[] {
  const allowed = new Set([...leg.mapped, leg.key])
  const names = journal.filter((entry) => entry.crm === leg.crm && isWrite(entry)).flatMap(sentNames)
  const strange = new Set(names.filter((name) => !allowed.has(name) && !ENVELOPE.has(name)))
  return [...strange].map((name) => `E2 a request holds the unmapped field ${name}`)
}

/** Names of the fields of a collections or batch body, of one record's own body, or the header of a bulk file. */
function sentNames({ path, body }: JournalEntry): string[] {
  if (typeof body === 'string') return /^[\w,"]+$/m.test(body) ? headerOf(body) : []
  if (typeof body !== 'object' || body === null) return []
  const single = /\/jobs\//.test(path) ? [] : [body]
  const list = 'records' in body ? body.records : 'inputs' in body ? body.inputs : single
  if (!Array.isArray(list)) return []
  return list.flatMap((element: unknown) => {
    const row = Object(element) as Record<string, unknown>
    return [...Object.keys(row), ...Object.keys(fieldsOf(row))]
  })
}

function headerOf(csv: string): string[] {
  return (csv.split('\n', 1)[0] ?? '').split(',').map((cell) => cell.replaceAll('"', '').trim())
}

async function auditAddsUp(lab: ProcessLab, sync: string): Promise<string[]> {
  const checks = await lab.query(
    `select check_name, run_id from backfeed_audit.reconciliation where sync_name = '${sync}'`,
  )
  const runs = await lab.query(
    `select run_id, status, planned_rows, succeeded + rejected + retryable + unknown + held_rows from backfeed_audit.runs where sync_name = '${sync}' and kind = 'run'`,
  )
  const open = runs.filter(([, status]) => status === null || status === 'running')
  const uneven = runs.filter(([, , planned, accounted]) => planned !== null && planned !== accounted)
  return [
    ...checks.map(([name, run]) => `E11 reconciliation: ${name} (${run})`),
    ...uneven.map(
      ([run, status, planned, accounted]) =>
        `INV-05 ${run} (${status}): ${planned} planned, ${accounted} accounted for`,
    ),
    ...open.map(([run]) => `C3 ${run} never ended`),
    ...(await rowsOf(lab, sync)),
  ]
}

/** Invariants of protocol A21 over the ledger. */
const LEDGER_CHECKS: readonly (readonly [string, string])[] = [
  ['INV-01 one key, two records', "select row_key from backfeed.sync_identity where sync_name = '{sync}' group by row_key having count(distinct crm_id) > 1"],
  ['INV-02 one record, two keys', "select crm_id from backfeed.sync_identity where sync_name = '{sync}' group by crm_id having count(distinct row_key) > 1"],
  ['INV-08 sent after the lease', "select event_id from backfeed.sync_result as r join backfeed.sync_run as u on u.run_id = r.run_id where u.sync_name = '{sync}' and r.sent_at > r.lease_deadline"],
  ['INV-09 an epoch used twice', "select epoch from backfeed.sync_run where sync_name = '{sync}' group by epoch, org_id having count(distinct run_id) > 1"],
  ['INV-10 resolves a newer epoch', "select r.event_id from backfeed.sync_result as r join backfeed.sync_run as u on u.run_id = r.run_id where u.sync_name = '{sync}' and r.resolves_epoch > r.epoch"],
  ['INV-16 no before-image', "select r.event_id from backfeed.sync_result as r join backfeed.sync_plan_row as p on p.plan_id = r.plan_id and p.row_no = r.row_no join backfeed.sync_run as u on u.run_id = r.run_id where u.sync_name = '{sync}' and p.op = 'update' and r.send_seq is not null and not p.before_captured"],
] // biome-ignore format: one check per line

async function rowsOf(lab: ProcessLab, sync: string): Promise<string[]> {
  const broken: string[] = []
  for (const [name, sql] of LEDGER_CHECKS) {
    const rows = await lab.query(sql.replaceAll('{sync}', sync))
    if (rows.length > 0) broken.push(`${name} (${rows.length} rows)`)
  }
  return broken
}

async function identityDiffers(lab: ProcessLab, sync: string, stored: readonly Stored[]): Promise<string[]> {
  const rows = await lab.query(
    `select distinct row_key, crm_id from backfeed.sync_identity where sync_name = '${sync}'`,
  )
  const known = new Map(rows.map(([key, id]) => [key, id]))
  return stored.flatMap(({ key, id }) => {
    const found = known.get(key)
    return found === id ? [] : [`E10 ${key} is ${found === undefined ? 'not linked' : 'linked to another record'}`]
  })
}

/** Audit complete: whatever a request changed has a row of the plan that was announced and has an outcome that allows for it. */
async function effectsWithoutResult(
  lab: ProcessLab,
  { leg, sync }: Expected,
  { stored, journal }: { stored: readonly Stored[]; journal: readonly JournalEntry[] },
): Promise<string[]> {
  const rows = await lab.query(
    `select r.row_key, count(*) from backfeed.sync_result as r join backfeed.sync_run as u on u.run_id = r.run_id where u.sync_name = '${sync}' and r.outcome in ('succeeded', 'unknown') group by r.row_key`,
  )
  const allowed = new Map(rows.map(([key, count]) => [key, Number(count)]))
  const requests = new Set(journal.map(({ seq }) => seq))
  const broken: string[] = []
  for (const { id, key } of stored) {
    const versions = await lab.emulator.control.history(leg.crm, leg.object, id)
    const effects = versions.filter(({ request }, index) => {
      return request !== 'control' && requests.has(request) && changesMapped(versions, index, leg)
    }).length
    if (effects > (allowed.get(key) ?? 0))
      broken.push(`E10 ${key} was changed ${effects} times, the audit allows for fewer`)
  }
  return broken
}

/** The same values once more are no effect: a request that was delivered twice leaves a version that changes nothing. */
function changesMapped(versions: readonly RecordVersion[], index: number, leg: Leg): boolean {
  const before = versions[index - 1]?.fields ?? {}
  const after = versions[index]?.fields ?? {}
  return leg.mapped.some((field) => (before[field] ?? null) !== (after[field] ?? null))
}
