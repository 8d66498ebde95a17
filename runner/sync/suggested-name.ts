import { nearestName } from '../nearest-name.ts'

/** The nearest name, or the first of all names. */
export function suggestedName(name: string, known: readonly string[]): { hint: string } {
  const nearest = nearestName(name, known)
  const more = known.length > 12 ? `, … (${known.length} in all)` : ''
  return { hint: nearest ? `did you mean "${nearest}"?` : `known: ${known.slice(0, 12).join(', ')}${more}` }
}
