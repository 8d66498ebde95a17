/**
 * `{{ env_var('X') }}` and `{{ env_var('X', 'default') }}` inside YAML text. Rendered after parsing, so that positions
 * survive; nothing else of the template language works here.
 */
import type { Position, Problem } from '../errors.ts'
import type { Place } from './places.ts'

export type Env = Readonly<Record<string, string | undefined>>

export interface EnvRequest {
  text: string
  place: Place
  env: Env
  /** Who needs the variable: `target "prod"`. */
  neededBy: string
}

export type EnvResult = { text: string; usedEnv: boolean } | { problems: Problem[] }

const CALL = /\{\{-?\s*env_var\(\s*(?:'([^']*)'|"([^"]*)")\s*(?:,\s*(?:'([^']*)'|"([^"]*)")\s*)?\)\s*-?\}\}/g
const TEMPLATE = /\{\{|\{%|\{#/

export function hasTemplate(text: string): boolean {
  return TEMPLATE.test(text)
}

/** Looks variables up. All problems of the text at once; none of them shows a value. */
export function renderEnv(request: EnvRequest): EnvResult {
  const problems = checkEnvSyntax(request.text, request.place)
  let usedEnv = false
  const rendered = request.text.replace(CALL, (call, ...groups) => {
    const [single, double, singleDefault, doubleDefault] = groups as (string | undefined)[]
    const offset = groups.find((group) => typeof group === 'number') as number
    const name = single ?? double ?? ''
    const fallback = singleDefault ?? doubleDefault
    const value = request.env[name]
    const at = positionInside(request.place, { offset, length: call.length })
    const problem =
      value === undefined && fallback === undefined ? missing(name, at, request) : unusable(name, at, value)
    if (problem !== undefined) problems.push(problem)
    usedEnv = true
    return value ?? fallback ?? ''
  })
  return problems.length > 0 ? { problems } : { text: rendered, usedEnv }
}

/** For entries that are not in use: the calls must be well formed, the variables need not be there. */
export function checkEnvSyntax(text: string, place: Place): Problem[] {
  const rest = text.replace(CALL, (call, single, double) => (isName(single ?? double) ? ' '.repeat(call.length) : call))
  const offset = rest.search(TEMPLATE)
  if (offset === -1) return []
  return [
    {
      code: 'E-TPL-SYNTAX',
      message: "only {{ env_var('NAME') }} can be used here",
      at: positionInside(place, { offset, length: 2 }),
      help: "write {{ env_var('NAME') }} or {{ env_var('NAME', 'default') }}, in quotes",
    },
  ]
}

function isName(name: unknown): boolean {
  return typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
}

function missing(name: string, at: Position, request: EnvRequest): Problem {
  return {
    code: 'E-ENV-MISSING',
    message: `environment variable ${name} is not set (needed by ${request.neededBy})`,
    at,
    help: `export ${name}, or give a default: env_var('${name}', '…')`,
  }
}

/** A variable that is set but empty is a broken export, not a choice: it never becomes "no token". */
function unusable(name: string, at: Position, value: string | undefined): Problem | undefined {
  if (value === undefined) return undefined
  const what = value.trim() === '' ? 'is set but empty' : unclean(value)
  if (what === undefined) return undefined
  return {
    code: 'E-ENV-EMPTY',
    message: `environment variable ${name} ${what}`,
    at,
    help: `set ${name} to the bare value`,
  }
}

function unclean(value: string): string | undefined {
  if (value !== value.trim()) return 'begins or ends with white space'
  const quoted = value.length >= 2 && /^(["']).*\1$/s.test(value)
  return quoted ? 'has quotes around its value' : undefined
}

/** The column of a piece of a scalar, when the scalar stands on one line without escapes; else the scalar itself. */
function positionInside(place: Place, piece: { offset: number; length: number }): Position {
  if (place.textColumn === undefined) return place.at
  return { file: place.at.file, line: place.at.line, column: place.textColumn + piece.offset, length: piece.length }
}
