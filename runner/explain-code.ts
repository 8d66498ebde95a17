/** The catalogue of every code a user can meet. Codes are stable for ever: a code may be retired, never reused. */
import { BackfeedError, type ProblemCode } from './errors.ts'
import { configurationCodes } from './explain/configuration-codes.ts'
import { connectionCodes } from './explain/connection-codes.ts'
import { guardCodes } from './explain/guard-codes.ts'
import { modelCodes } from './explain/model-codes.ts'
import { runCodes } from './explain/run-codes.ts'
import { nearestName } from './nearest-name.ts'

/** By code: title, what it means, what to do. */
export type CodeTexts = Readonly<Record<ProblemCode, readonly [title: string, means: string, fix: string]>>

export interface CodeExplanation {
  code: ProblemCode
  /** A few words, without a period. */
  title: string
  /** What happened, and why it is refused. */
  means: string
  /** What to do about it. */
  fix: string
}

const SECTIONS: readonly (readonly [heading: string, codes: CodeTexts])[] = [
  ['Files, targets, connections, command line', configurationCodes],
  ['Models, keys, mappings, rows', modelCodes],
  ['Warehouses, CRMs, emulator', connectionCodes],
  ['Guards, plans, runs', { ...runCodes, ...guardCodes }],
]

/** All codes, sorted. */
export function allCodes(): CodeExplanation[] {
  return SECTIONS.flatMap(([, codes]) => explanations(codes)).sort((a, b) => (a.code < b.code ? -1 : 1))
}

/** Case does not matter, nor does a missing `E-`. Throws E-CLI-OPTION with the nearest code. */
export function explainCode(asked: string): CodeExplanation {
  const wanted = asked.trim().toUpperCase()
  const all = allCodes()
  const found = all.find(({ code }) => code === wanted || code === `E-${wanted}` || code === `W-${wanted}`)
  if (found !== undefined) return found
  const nearest = nearestName(
    wanted,
    all.map(({ code }) => code),
  )
  throw new BackfeedError({
    code: 'E-CLI-OPTION',
    message: `there is no code "${asked.slice(0, 60)}"`,
    ...(nearest !== undefined && { hint: `did you mean ${nearest}?` }),
    help: 'all codes are listed in docs/errors.md',
  })
}

/** The text of docs/errors.md. */
export function errorsPage(): string {
  const intro = `# Errors

Every message has a code that never changes its meaning. \`E-…\` stops the command, \`W-…\` is a warning.
\`backfeed explain CODE\` prints the same text. This page is generated from \`runner/explain/\`.
`
  const sections = SECTIONS.map(([heading, codes]) => [`## ${heading}`, ...explanations(codes).map(entry)].join('\n\n'))
  return `${[intro, ...sections].join('\n')}\n`.replaceAll('\n\n\n', '\n\n')
}

function entry({ code, title, means, fix }: CodeExplanation): string {
  return `### ${code}\n\n**${title}.** ${means}\n\n${fix}`
}

function explanations(codes: CodeTexts): CodeExplanation[] {
  return Object.entries(codes).map(([code, [title, means, fix]]) => ({ code: code as ProblemCode, title, means, fix }))
}
