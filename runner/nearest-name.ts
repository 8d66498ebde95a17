/** Did-you-mean: the known name nearest to what was typed, when it is near enough to be a slip. */

/** Undefined when nothing is within a third of the word's length (at least one edit, two for words of four or more). */
export function nearestName(typed: string, known: Iterable<string>): string | undefined {
  const limit = typed.length < 4 ? 1 : Math.max(2, Math.floor(typed.length / 3))
  let best: { name: string; distance: number } | undefined
  for (const name of known) {
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase())
    if (
      distance <= limit &&
      distance < Math.max(typed.length, name.length) &&
      distance < (best?.distance ?? Infinity)
    ) {
      best = { name, distance }
    }
  }
  return best?.name
}

/** `did you mean "x"?`, or the list of what exists, or nothing when there is nothing to list. */
export function suggestName(typed: string, known: Iterable<string>): string | undefined {
  const names = [...known]
  const nearest = nearestName(typed, names)
  if (nearest !== undefined) return `did you mean "${nearest}"?`
  if (names.length === 0) return undefined
  const shown = names.slice(0, 12).join(', ')
  return `expected one of: ${shown}${names.length > 12 ? `, … (${names.length} in all)` : ''}`
}

/** Edits (insert, delete, replace, swap of neighbours) between two words; words beyond 100 characters are cut. */
export function editDistance(left: string, right: string): number {
  const a = left.slice(0, 100)
  const b = right.slice(0, 100)
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      row.push(cost)
    }
    before = previous
    previous = row
  }
  return previous[b.length] ?? 0
}
