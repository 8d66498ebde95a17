/** What a CRM's own automation does to a value before it is stored: a flow that lower-cases, a rule that rounds. */
export const RESHAPES = ['lower', 'upper', 'no_blanks', 'whole', 'fixed'] as const
export type Reshape = (typeof RESHAPES)[number]

/** `fixed` stands for an automation that overwrites whatever is sent. Null and other types stay as they are. */
export function reshape<T>(value: T, how: Reshape | undefined): T | string | number {
  if (how === undefined || value === null) return value
  if (how === 'whole') return typeof value === 'number' ? Math.round(value) : rounded(value)
  if (typeof value !== 'string') return value
  if (how === 'fixed') return 'set by a flow'
  if (how === 'no_blanks') return value.replaceAll(' ', '')
  return how === 'lower' ? value.toLowerCase() : value.toUpperCase()
}

function rounded<T>(value: T): T | string {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? String(Math.round(Number(value))) : value
}
