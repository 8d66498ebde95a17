/** A plan for a terminal: `+` creates, `~` updates, `=` stays, `!` is held back. */
import { escapeData } from '../redact.ts'
import type { GuardVerdict, PlanReport, PlanSample, SampleField } from './plan-report.ts'
import { isRefused } from './plan-report.ts'
import { plainStyle, type Style } from './style.ts'
import { pad, width } from './table.ts'

const MARK: Readonly<Record<PlanSample['op'], string>> = {
  create: '+',
  update: '~',
  keep: '=',
  held: '!',
  quarantined: '!',
}

export function planText(report: PlanReport, style: Style = plainStyle): string {
  return [
    heading(report, style),
    `  ${countsLine(report)}`,
    ...sampleLines(report.samples, style),
    ...reasonLines(report, style),
    `  ${callsLine(report)}`,
    ...guardLines(report, style),
    ...report.warnings.map((warning) => `  ${style.yellow(`warning: ${escapeData(warning)}`)}`),
  ].join('\n')
}

function heading(report: PlanReport, style: Style): string {
  const by = report.matchField === undefined ? '' : ` by ${report.matchField}`
  const where = style.dim(`  target ${report.target} · ${escapeData(report.org)}`)
  return `${style.bold(`Plan ${report.sync}`)} → ${report.destination} ${report.object}${by}${where}`
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
    ['quarantined', counts.quarantined],
    ['fields cleared', counts.clears],
  ]
  return [...always, ...sometimes.filter(([, n]) => n > 0)].map(([word, n]) => `${word} ${thousands(n)}`).join(' │ ')
}

function sampleLines(samples: readonly PlanSample[], style: Style): string[] {
  const keyWidth = Math.min(40, Math.max(0, ...samples.map((sample) => width(escapeData(sample.key)))))
  return samples.map((sample) => {
    const paint = {
      create: style.green,
      update: style.cyan,
      keep: style.dim,
      held: style.yellow,
      quarantined: style.yellow,
    }
    const key = pad(escapeData(sample.key), keyWidth)
    const why = sample.reason === undefined ? [] : [`${sample.op}: ${escapeData(sample.reason)}`]
    const fields = sample.fields.map((field) => fieldText(field, sample.op))
    return `  ${paint[sample.op](MARK[sample.op])} ${key}  ${[...why, ...fields].join(' · ')}`
  })
}

export function fieldText(field: SampleField, op: PlanSample['op']): string {
  const reason = field.reason === undefined ? '' : ` (${escapeData(field.reason)})`
  if (field.action === 'keep') return `${field.field} ${shown(field.before ?? null)} stays${reason}`
  const after = field.action === 'clear' ? '(cleared)' : shown(field.after)
  if (op === 'create' || field.before === undefined) return `${field.field} ${after}${reason}`
  return `${field.field} ${shown(field.before)} → ${after}${reason}`
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

function guardLines(report: PlanReport, style: Style): string[] {
  if (report.guards.length === 0) return []
  const raised = report.guards.filter((guard) => guard.verdict === 'allowed').map((guard) => guard.name)
  if (!isRefused(report))
    return [
      `  ${style.green('Guards ok')}${raised.length === 0 ? '' : ` (raised for this time: ${raised.join(', ')})`}`,
    ]
  const refused = report.guards.filter((guard) => guard.verdict === 'refused')
  return [
    `  ${style.red('Guards refuse this plan; nothing is sent')}`,
    ...refused.map((guard) => `    ${guardLine(guard)}`),
  ]
}

function guardLine(guard: GuardVerdict): string {
  const remedy = guard.allow === undefined ? '' : `; to allow it once: ${guard.allow} --reason "…"`
  return `${guard.name}: ${guard.actual}, limit ${guard.limit}${remedy}`
}

export function thousands(n: number): string {
  return n.toLocaleString('en-US')
}
