/** A plan for a terminal: `+` creates, `~` updates, `=` stays, `!` is held back. */
import { unreachable } from '../errors.ts'
import { escapeData } from '../redact.ts'
import type { CallUsage, GuardVerdict, PlanReport, PlanSample, SampleField } from './plan-report.ts'
import { isRefused } from './plan-report.ts'
import { plainStyle, type Style } from './style.ts'
import { pad, width } from './table.ts'

export function planText(report: PlanReport, style: Style = plainStyle): string {
  return [
    heading(report, style),
    `  ${countsLine(report)}`,
    ...sampleLines(report.samples, style),
    ...reasonLines(report, style),
    ...(report.undecided ?? []).map(({ key, message }) => `    ${escapeData(key)}  ${escapeData(message)}`),
    `  ${callsLine(report)}`,
    ...usageLines(report.predicted.usage).map((line) => `  ${line}`),
    ...guardLines(report, style),
    ...report.warnings.map((warning) => `  ${style.yellow(`warning: ${escapeData(warning)}`)}`),
  ].join('\n')
}

function heading(report: PlanReport, style: Style): string {
  const where = style.dim(`  target ${report.target} · ${escapeData(report.org)}`)
  return `${style.bold(`Plan ${report.sync}`)} → ${report.destination} ${report.object} by ${report.match}${where}`
}

/** Zeros of what is normally zero are left out. */
export function countsLine({ counts }: PlanReport): string {
  const always: [string, number][] = [
    ['source', counts.source],
    ['unchanged', counts.unchanged],
    ['create', counts.create],
    ['update', counts.update],
  ]
  const sometimes: [string, number][] = [
    ['no difference', counts.noop],
    ['held', counts.held],
    ['skipped', counts.skipped],
    ['gone', counts.removed],
    ['quarantined', counts.quarantined],
    ['fields cleared', counts.clears],
  ]
  return [...always, ...sometimes.filter(([, n]) => n > 0)].map(([word, n]) => `${word} ${thousands(n)}`).join(' │ ')
}

function sampleLines(samples: readonly PlanSample[], style: Style): string[] {
  const keyWidth = Math.min(40, Math.max(0, ...samples.map((sample) => width(escapeData(sample.key)))))
  return samples.map(
    (sample) => `  ${markOf(sample, style)} ${pad(escapeData(sample.key), keyWidth)}  ${sampleText(sample)}`,
  )
}

/** What changes, field by field; what is right already only by name. */
export function sampleText({ fields, op }: PlanSample): string {
  const told = fields.filter((field) => field.action !== 'adopt').map((field) => fieldText(field, op))
  const same = fields.filter((field) => field.action === 'adopt').map((field) => field.field)
  const unchanged = same.length === 0 ? [] : [`(${same.join(', ')} unchanged)`]
  return [...(told.length === 0 ? [] : [told.join(' · ')]), ...unchanged].join('  ')
}

function markOf({ op, decision, fields }: PlanSample, style: Style): string {
  if (decision !== 'send') return style.yellow('!')
  if (op === 'create') return style.green('+')
  return fields.some((field) => field.action === 'set' || field.action === 'clear') ? style.cyan('~') : style.dim('=')
}

function fieldText({ field, before, after, action }: SampleField, op: PlanSample['op']): string {
  switch (action) {
    case 'set':
      return op === 'create' ? `${field} ${shown(after)}` : `${field} ${shown(before)} → ${shown(after)}`
    case 'clear':
      return `${field} ${shown(before)} → (cleared)`
    case 'adopt':
      return `${field} unchanged`
    case 'base':
      return `${field} ${shown(before)} taken as the starting point, the warehouse has ${shown(after)}`
    case 'conflict':
      return `${field} ${shown(before)} edited in the CRM, waits; the warehouse has ${shown(after)}`
    case 'held':
      return `${field} ${shown(before)} kept for now, the warehouse has ${shown(after)}`
    case 'kept':
      return `${field} ${shown(before)} stays`
    case 'drift':
      return `${field} ${shown(before)} edited in the CRM, stays`
    case 'not_applied':
      return `${field} ${shown(before)} stays, the CRM takes no step back to ${shown(after)}`
    default:
      return unreachable(action)
  }
}

/** Blank is not the same as two quotes: both must be told apart on the screen. */
function shown(value: string | null): string {
  if (value === null) return '(blank)'
  if (value === '') return '""'
  const text = escapeData(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function reasonLines(report: PlanReport, style: Style): string[] {
  const lines: string[] = []
  const { counts, quarantineByReason, heldByReason } = report
  if (counts.quarantined > 0)
    lines.push(`  ${style.yellow('!')} quarantined ${thousands(counts.quarantined)}: ${reasons(quarantineByReason)}`)
  if (counts.skipped > 0)
    lines.push(`  ${style.dim('=')} skipped ${thousands(counts.skipped)}: ${reasons(report.skippedByReason)}`)
  if (counts.held > 0) lines.push(`  ${style.yellow('!')} held ${thousands(counts.held)}: ${reasons(heldByReason)}`)
  return lines
}

/** Most frequent first, ties by name. */
export function reasons(byReason: Readonly<Record<string, number>>): string {
  return Object.entries(byReason)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([reason, n]) => `${escapeData(reason)} ${thousands(n)}`)
    .join(', ')
}

function callsLine({ predicted }: PlanReport): string {
  const paths = new Map<string, number>()
  for (const { method, path } of predicted.requests)
    paths.set(`${method} ${path}`, (paths.get(`${method} ${path}`) ?? 0) + 1)
  const kinds = [...paths].map(([kind, n]) => `${n} × ${kind}`).join(', ')
  return `Calls: ${thousands(predicted.writeCalls)} to write${kinds === '' ? '' : ` (${kinds})`}, ${thousands(predicted.readCalls)} to read`
}

/** What the calls above cost, against what the org has left. */
export function usageLines(usage: CallUsage | undefined): string[] {
  if (usage === undefined) return []
  const { used, max, allowed, remaining } = usage
  const left = `${thousands(remaining)} left`
  const within = allowed < max ? `${left} for this sync, which stops at ${thousands(allowed)} (daily_api_budget)` : left
  return [`API calls of the org: ${thousands(used)} of ${thousands(max)} used in 24 hours, ${within}`]
}

function guardLines(report: PlanReport, style: Style): string[] {
  if (report.guards.length === 0) return []
  const raised = report.guards.filter((guard) => guard.verdict === 'allowed').map((guard) => guard.name)
  if (!isRefused(report))
    return [
      `  ${style.green('Guards ok')}${raised.length === 0 ? '' : ` (raised for this time: ${raised.join(', ')})`}`,
    ]
  const refused = report.guards.filter((guard) => guard.verdict === 'blocked')
  return [
    `  ${style.red('Guards refuse this plan; nothing is sent')}`,
    ...refused.map((guard) => `    ${guardLine(guard)}`),
  ]
}

function guardLine(guard: GuardVerdict): string {
  const remedy = guard.allow === undefined ? '' : `; if this is meant: ${guard.allow}`
  return `${guard.name}: ${thousands(guard.actual)}, limit ${limitText(guard)}${remedy}`
}

export function limitText({ limit, rule }: GuardVerdict): string {
  return Number.isFinite(limit) && String(limit) !== rule ? `${thousands(limit)} (${rule})` : rule
}

export function thousands(n: number): string {
  return n.toLocaleString('en-US')
}
