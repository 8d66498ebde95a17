/**
 * The production code with one mechanism taken away, by changing what it is given: its warehouse, its CRM, its templates. Nothing
 * in the production code can switch any of this on. A mutant that no seed kills says that the simulation is too weak.
 */
import type { TemplateEnvironment } from '../../runner/compile/compile.ts'
import type { Destination, Outcome, WriteResult } from '../../runner/destination/destination.ts'
import type { AtomicStep, TextRow, Warehouse } from '../../runner/warehouse/warehouse.ts'
import type { SimProcess } from './sim-process.ts'
import type { Tamper } from './world.ts'

export interface Mutant {
  name: string
  /** What is gone. */
  without: string
  tamper: Tamper
}

function withWarehouse(change: (warehouse: Warehouse, process: SimProcess) => Partial<Warehouse>): Tamper {
  return {
    session: (session, process) => ({
      ...session,
      warehouse: { ...session.warehouse, ...change(session.warehouse, process) },
    }),
  }
}

/** Statements and appends of certain steps never arrive; the caller hears that they did. */
function dropping(isDropped: (step: AtomicStep) => boolean): Tamper {
  return withWarehouse((warehouse) => ({
    atomic: (steps, o) =>
      warehouse.atomic(
        steps.filter((step) => !isDropped(step)),
        o,
      ),
    exec: (sql, o) => (isDropped(sql) ? Promise.resolve({ affected: 0 }) : warehouse.exec(sql, o)),
  }))
}

function appends(table: string): (step: AtomicStep) => boolean {
  return (step) => typeof step !== 'string' && step.table.name === table
}

/** Rendered SQL says something else. Throws when there is nothing to replace: the mutant would be the original. */
function withSql(file: string, from: string | RegExp, to: string): Tamper {
  return {
    session: (session) => ({ ...session, environment: replaced(session.environment, file, { from, to }) }),
  }
}

function replaced(
  environment: TemplateEnvironment,
  file: string,
  by: { from: string | RegExp; to: string },
): TemplateEnvironment {
  return {
    has: (macro) => environment.has(macro),
    call: (macro, args, context) => environment.call(macro, args, context),
    render: (request) => {
      const rendered = environment.render(request)
      if (!request.file.endsWith(`/${file}.sql`)) return rendered
      const sql = rendered.sql.replaceAll(by.from, by.to)
      if (sql === rendered.sql) throw new RangeError(`${file}.sql has no ${by.from}`)
      return { ...rendered, sql }
    },
  }
}

function withWrites(
  write: (real: Destination, ...call: Parameters<Destination['write']>) => Promise<WriteResult>,
): Tamper {
  return { destination: (real) => ({ ...real, write: (request, signal) => write(real, request, signal) }) }
}

function outcomes(result: WriteResult, change: (outcome: Outcome) => Outcome): WriteResult {
  return { ...result, outcomes: result.outcomes.map(change) }
}

/** Whoever asks for the lease is told that it is theirs. */
function believesInItsLease(warehouse: Warehouse): Partial<Warehouse> {
  let holder = ''
  let epoch = ''
  return {
    exec: (sql, o) => {
      holder = /holder = '([0-9a-f]{32})'/.exec(sql)?.[1] ?? holder
      return warehouse.exec(sql, o)
    },
    rows: async (sql, o) => {
      const rows = await warehouse.rows(sql, o)
      if (!sql.startsWith('select holder, epoch')) return rows
      const [row] = rows
      if (epoch === '' && row?.[0] !== holder) return rows
      epoch ||= row?.[1] ?? ''
      return [[holder, epoch, ...(row ?? []).slice(2)] as TextRow]
    },
  }
}

/** A claim succeeds whoever holds the lease. */
function claimsWhatIsHeld(warehouse: Warehouse): Partial<Warehouse> {
  return {
    exec: (sql, o) => warehouse.exec(sql.replace(/ and \(holder is null or expires_at < [^)]*\)\)/, ''), o),
  }
}

const unknownAsSuccess = (outcome: Outcome): Outcome =>
  outcome.status === 'unknown'
    ? { changeId: outcome.changeId, status: 'succeeded', recordId: 'R0000', created: false }
    : outcome

export const mutants: readonly Mutant[] = [
  {
    name: 'lease taken while held',
    without: 'a claim looks whether somebody holds the lease',
    tamper: withWarehouse(claimsWhatIsHeld),
  },
  {
    name: 'no lease check',
    without: 'the holder finds out that it lost the lease',
    tamper: withWarehouse(believesInItsLease),
  },
  { name: 'no intent', without: 'the intent of a window', tamper: dropping(appends('sync_intent')) },
  {
    name: 'success told before it is sent',
    without: 'a result is what the CRM answered',
    tamper: withWrites((real, request, signal) => {
      real.write(request, signal).catch(() => undefined)
      const told = request.changes.map(({ changeId }) => ({
        changeId,
        status: 'succeeded' as const,
        recordId: 'R0000',
        created: false,
      }))
      return Promise.resolve({ outcomes: told, call: { durationMs: 0 } })
    }),
  },
  {
    name: 'unknown counts as success',
    without: 'the third certainty',
    tamper: withWrites(async (real, request, signal) => outcomes(await real.write(request, signal), unknownAsSuccess)),
  },
  {
    name: 'unknown is sent again',
    without: 'an unknown outcome is settled before anything is sent',
    tamper: withWrites(async (real, request, signal) =>
      outcomes(await real.write(request, signal), (outcome) =>
        outcome.status === 'unknown' ? { changeId: outcome.changeId, status: 'retryable', code: 'AGAIN' } : outcome,
      ),
    ),
  },
  { name: 'results lost', without: 'results become durable', tamper: dropping(appends('sync_result')) },
  {
    name: 'orphans not marked',
    without: 'recovery marks what may have been sent',
    tamper: dropping(
      (step) => typeof step === 'string' && step.includes('the run died after it had announced this row'),
    ),
  },
  {
    name: 'orphans taken for unsent',
    without: 'an intent without a result may have been sent',
    tamper: withWarehouse((warehouse) => ({
      exec: (sql, o) =>
        warehouse.exec(sql.includes('had announced this row') ? sql.replaceAll("'unknown'", "'retryable'") : sql, o),
    })),
  },
  {
    name: 'recovery skipped',
    without: 'a run that died is closed by the next',
    tamper: withWarehouse((warehouse) => ({
      rows: (sql, o) =>
        o.tag.step === 'recover' && sql.includes('not exists') ? Promise.resolve([]) : warehouse.rows(sql, o),
    })),
  },
  {
    name: 'no settle time',
    without: 'a request that may be on its way is waited for',
    tamper: withSql('folded', ', 150)', ', 0)'),
  },
  {
    name: 'unknown rows go at once',
    without: 'rows of unknown outcome are held back',
    tamper: withSql('changes', "last_disposition = 'unknown' and", "last_disposition = 'nothing' and"),
  },
  {
    name: 'fold takes the oldest',
    without: 'the highest epoch and place in the log win',
    tamper: withSql('folded', 'order by epoch desc, seq desc', 'order by epoch, seq'),
  },
  {
    name: 'unknown is folded as acknowledged',
    without: 'state holds what was acknowledged, not what was sent',
    tamper: withSql(
      'folded',
      "outcome = 'succeeded' as is_acknowledged",
      "outcome in ('succeeded', 'unknown') as is_acknowledged",
    ),
  },
  {
    name: 'sent is done',
    without: 'a row is done when its success is known',
    tamper: withSql('folded', "case when outcome = 'succeeded' then", "case when outcome <> 'retryable' then"),
  },
  {
    name: 'nothing is folded',
    without: 'state follows the log',
    tamper: dropping((step) => typeof step === 'string' && step.startsWith('insert into backfeed.state_')),
  },
  {
    name: 'live values not read',
    without: 'the CRM is read before anything is decided',
    tamper: {
      destination: (real) => ({ ...real, read: async function* () {} }),
    },
  },
  {
    name: 'a field too many in the body',
    without: 'only mapped fields are ever in a request',
    tamper: withWrites((real, request, signal) =>
      real.write(
        {
          ...request,
          changes: request.changes.map((change) => ({
            ...change,
            body: change.body.includes('"properties":{')
              ? change.body.replace('"properties":{', '"properties":{"notes":"mine",')
              : change.body.replace(/^\{/, '{"Notes__c":"mine",'),
          })),
        },
        signal,
      ),
    ),
  },
  { name: 'plan without a header', without: 'a plan has a header', tamper: dropping(appends('sync_plan')) },
]
