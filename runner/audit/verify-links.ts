/** Whether the events of runs form the chain they were written as. Pure: events in, findings out. */
import { keyMark, type Link, linkHash } from './chain.ts'

export type FindingKind = 'edit' | 'delete' | 'insert' | 'reorder' | 'truncated' | 'key'

export interface Finding {
  kind: FindingKind
  sync: string | null
  runId: string | null
  /** Place in the log of the run's epoch; first one where it is a range. */
  seq: number | null
  message: string
}

export interface RunHeader {
  runId: string
  sync: string
  orgId: string
  epoch: number
  planId: string
  mappingHash: string
}

export interface LoggedLink extends Link {
  hash: string
  chainKey: string | null
}

export interface LoggedRun extends RunHeader {
  /** In the order of chainNo. */
  links: readonly LoggedLink[]
}

/** What is found wrong in one run on its own. */
export function verifyRun(run: LoggedRun, auditKey: string): Finding[] {
  const { links } = run
  if (links.length === 0) return [finding(run, 'delete', null, 'the run has no events')]
  return links.flatMap((link, i) => [...verifyHash(run, link, auditKey), ...verifyPlace(run, links[i - 1], link)])
}

function verifyHash(run: RunHeader, link: LoggedLink, auditKey: string): Finding[] {
  if (link.chainKey !== null && link.chainKey !== keyMark(auditKey)) {
    const what = auditKey === '' ? 'is not set' : 'is another key'
    return [finding(run, 'key', link.seq, `event ${link.chainNo} was signed, and BACKFEED_AUDIT_KEY ${what}`)]
  }
  if (linkHash(link, link.chainKey === null ? '' : auditKey) === link.hash) return []
  return [finding(run, 'edit', link.seq, `event ${link.chainNo} (${link.event}) is not the one that was hashed`)]
}

function verifyPlace(run: RunHeader, before: LoggedLink | undefined, link: LoggedLink): Finding[] {
  const at = `event ${link.chainNo} (${link.event})`
  if (before === undefined)
    return link.chainNo === 1 ? [] : [finding(run, 'delete', link.seq, `events before ${at} are missing`)]
  if (link.chainNo === before.chainNo) return [finding(run, 'insert', link.seq, `there are two events ${link.chainNo}`)]
  if (link.chainNo !== before.chainNo + 1)
    return [finding(run, 'delete', before.seq, `events between ${before.chainNo} and ${link.chainNo} are missing`)]
  if (link.epoch === before.epoch && link.seq <= before.seq)
    return [finding(run, 'reorder', link.seq, `${at} is out of its order`)]
  if (link.prevHash !== before.hash)
    return [finding(run, 'edit', link.seq, `${at} does not follow the event before it`)]
  if (before.chainKey !== null && link.chainKey === null && link.epoch === run.epoch)
    return [finding(run, 'edit', link.seq, `${at} is not signed, the events before it are`)]
  return []
}

/**
 * Whether each run goes on where the run before it ended. `runs` are those of one sync and organisation in the order of their
 * epochs. A run that died is closed by a later one, so only what it had when the next run began counts.
 */
export function verifySuccession(runs: readonly LoggedRun[]): Finding[] {
  return runs.flatMap((run, i) => {
    const first = run.links[0]
    if (first === undefined || first.chainNo !== 1) return []
    const before = runs.slice(0, i).findLast(({ links }) => links.length > 0)
    if (!isChained(first) || before === undefined)
      return first.prevHash === '' || isChained(first) === false
        ? []
        : [finding(run, 'truncated', first.seq, 'the run before it is gone')]
    const end = before.links.filter(({ epoch }) => epoch < run.epoch).at(-1)
    if (first.prevHash === end?.hash) return []
    const isCut = !before.links.some(({ hash }) => hash === first.prevHash)
    return isCut
      ? [
          finding(
            before,
            'truncated',
            end?.seq ?? null,
            `events after this one are gone: run ${run.runId} followed them`,
          ),
        ]
      : [finding(before, 'insert', end?.seq ?? null, `events were added after run ${run.runId} had begun`)]
  })
}

/** Runs of earlier versions began a chain of their own. */
function isChained({ detail }: LoggedLink): boolean {
  return detail.includes('"sealed"')
}

export function finding(run: RunHeader | undefined, kind: FindingKind, seq: number | null, message: string): Finding {
  return { kind, sync: run?.sync ?? null, runId: run?.runId ?? null, seq, message }
}
