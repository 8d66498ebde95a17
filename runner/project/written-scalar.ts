/** A scalar as canonical text. Numbers keep the digits that were typed: parsing would round them. */
import type { PathPart, Places } from './places.ts'

export function writtenScalar(
  o: { root: unknown; path: readonly PathPart[]; places: Places },
  value: string | number | boolean,
): string {
  if (typeof value !== 'number') return String(value)
  const source = o.places.find(o.root, o.path)?.source
  return source !== undefined && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(source) ? source : String(value)
}
