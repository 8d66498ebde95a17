/** Plans for a pull request. Comments are a leak channel: field names and counts by default, values only on request. */
import type { PlanReport, PlanSample } from './plan-report.ts'
import { isRefused } from './plan-report.ts'
import { countsLine, limitText, reasons, rolloutLines, sampleText, usageLines } from './plan-text.ts'

/** Lets a bot find its own comment again and keep one up to date. */
const STICKY = '<!-- backfeed-plan -->'

export function planMarkdown(reports: readonly PlanReport[], options: { showValues: boolean }): string {
  const sections = reports.map((report) => section(report, options.showValues))
  return [STICKY, '## Backfeed plan', '', overview(reports), ...sections.flatMap((text) => ['', text]), ''].join('\n')
}

function overview(reports: readonly PlanReport[]): string {
  const rows = reports.map(
    (r) =>
      `| ${cell(r.sync)} | ${cell(`${r.destination} ${r.object}`)} | ${r.counts.create} | ${r.counts.update} | ${r.counts.deletes} | ` +
      `${r.counts.clears} | ${r.counts.quarantined} | ${r.counts.held} | ${r.predicted.writeCalls} | ${isRefused(r) ? '❌ refused' : '✅ ok'} |`,
  )
  return [
    '| sync | to | create | update | delete | fields cleared | quarantined | held | write calls | guards |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|---|',
    ...rows,
  ].join('\n')
}

function section(report: PlanReport, showValues: boolean): string {
  const parts = [
    `### ${cell(report.sync)}`,
    '',
    `target \`${code(report.target)}\` · ${cell(report.org)} · ${countsLine(report)}`,
  ]
  if (report.counts.quarantined > 0) parts.push('', `Quarantined: ${cell(reasons(report.quarantineByReason))}`)
  if (report.counts.held > 0) parts.push('', `Held: ${cell(reasons(report.heldByReason))}`)
  for (const line of rolloutLines(report)) parts.push('', cell(line))
  for (const guard of report.guards.filter((g) => g.verdict !== 'ok'))
    parts.push('', `Guard \`${code(guard.name)}\` ${guard.verdict}: ${guard.actual}, limit ${cell(limitText(guard))}`)
  for (const line of usageLines(report.predicted.usage)) parts.push('', line)
  for (const warning of report.warnings) parts.push('', `> ${cell(warning)}`)
  return [...parts, ...details(report.samples, showValues)].join('\n')
}

function details(samples: readonly PlanSample[], showValues: boolean): string[] {
  if (!showValues) return fieldCounts(samples)
  if (samples.length === 0) return []
  const rows = samples.map((sample) => `| ${cell(sample.key)} | ${sample.op} | ${cell(sampleText(sample))} |`)
  return ['', '| key | change | fields |', '|---|---|---|', ...rows]
}

/** Which fields the sampled rows change, without saying to what. */
function fieldCounts(samples: readonly PlanSample[]): string[] {
  const names = new Set(
    samples.flatMap((s) => s.fields.filter((f) => f.action === 'set' || f.action === 'clear').map((f) => f.field)),
  )
  return names.size === 0
    ? []
    : [
        '',
        `Fields: ${[...names]
          .sort()
          .map((name) => `\`${code(name)}\``)
          .join(', ')}`,
      ]
}

/** Data in a table cell must not become markup, a link, a mention or a new cell. */
function cell(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_{}[\]<>|#~]/g, '\\$&')
    .replaceAll('@', '@\u200b')
    .replaceAll('://', ':\u200b//')
}

function code(text: string): string {
  return text.replace(/[`\r\n|]/g, ' ')
}
