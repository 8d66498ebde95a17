/** `audit check|verify`: the invariants over the log, and the hash chain. Both exit 1 when something is found. */
import type { CheckResult } from '../audit/checks.ts'
import type { Verification } from '../audit/verify-reader.ts'
import { BackfeedError, ExitCode } from '../errors.ts'
import { type OpenLedger, withLedger } from './audit-warehouse.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { knownSync } from './known-sync.ts'
import { sinceOf } from './since-option.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  return withLedger(context, (ledger) =>
    context.verb === 'audit verify' ? verify(context, ledger) : check(context, ledger),
  )
}

async function check(context: CommandContext, ledger: OpenLedger): Promise<ExitCode> {
  const { runChecks } = await import('../audit/checks.ts')
  const { project } = ledger
  const only = context.global.select.map((name) => knownSync(project, name))
  const since = sinceOf(context)
  const keys = context.args.number('limit')
  const results = await runChecks({
    ...ledger,
    ...(only.length === 0 ? {} : { only }),
    ...(since === undefined ? {} : { since }),
    ...(keys === undefined ? {} : { keys }),
  })
  const broken = results.filter(({ found }) => found > 0)
  return finish(context, {
    exit: broken.length === 0 ? ExitCode.ok : ExitCode.rowFailures,
    facts: { checked: results.length, broken: broken.length, invariants: results.map(checkFacts) },
    text: () => checkText(results, broken),
  })
}

function checkFacts({ number, title, found, findings }: CheckResult): object {
  return { number, title, found, ...(found === 0 ? {} : { findings }) }
}

function checkText(results: readonly CheckResult[], broken: readonly CheckResult[]): string {
  if (broken.length === 0) return `${results.length} of ${results.length} invariants hold`
  const told = broken.flatMap(({ number, title, meaning, found, findings }) => [
    `${number} does not hold: ${title} (${found})`,
    `  ${meaning}`,
    ...findings.map(({ sync, finding }) => `  ${sync ?? '-'}: ${finding}`),
    ...(found > findings.length ? [`  and ${found - findings.length} more`] : []),
    '',
  ])
  return [...told, `${broken.length} of ${results.length} invariants do not hold`].join('\n')
}

async function verify(context: CommandContext, ledger: OpenLedger): Promise<ExitCode> {
  const { verifyAudit } = await import('../audit/verify.ts')
  const { select } = context.global
  if (select.length > 1)
    throw new BackfeedError({
      code: 'E-CLI-OPTION',
      message: 'audit verify takes one sync at most',
      help: 'leave -s out for all',
    })
  const sync = select[0] === undefined ? undefined : knownSync(ledger.project, select[0])
  const found = await verifyAudit({
    ...ledger,
    project: ledger.project.name,
    heads: context.args.list('head'),
    ...(sync === undefined ? {} : { sync }),
  })
  return finish(context, {
    exit: found.findings.length === 0 ? ExitCode.ok : ExitCode.rowFailures,
    facts: found,
    text: () => verifyText(found),
  })
}

function verifyText({ findings, runs, events, rows, unsealed, erased, purges, heads }: Verification): string {
  const told = findings.map(({ kind, sync, runId, seq, message }) => {
    const place = [sync, runId, seq === null ? null : `seq ${seq}`].filter((part) => part !== null).join(' ')
    return `${kind}: ${place === '' ? '' : `${place}: `}${message}`
  })
  return [
    ...told,
    `${findings.length === 0 ? 'The log is as it was written' : `${findings.length} findings`}: ${runs} runs, ${events} events, ${rows} rows recomputed`,
    ...(unsealed > 0 ? [`${unsealed} runs of earlier versions: only their events could be checked`] : []),
    ...(erased > 0 ? [`${erased} values were erased on request; their hashes are unchanged`] : []),
    ...purges.map(
      ({ purgeId, sync, rowKey, olderThan, actor, reason, loggedAt }) =>
        `${purgeId}: ${rowKey === null ? `values before ${olderThan}` : `key ${rowKey} of ${sync}`}, by ${actor} at ${loggedAt}: ${reason}`,
    ),
    ...heads.map(({ sync, hash }) => `head of ${sync}: ${hash}`),
  ].join('\n')
}
