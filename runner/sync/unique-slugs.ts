import { createHash } from 'node:crypto'

/** Column suffixes: readable, lower-case, at most 40 characters, different from each other. */
export function uniqueSlugs(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    const plain = name.toLowerCase().replace(/[^a-z0-9_]/g, '_')
    const digest = createHash('sha256').update(name).digest('hex').slice(0, 6)
    const slug = plain.length <= 40 && !taken.has(plain) ? plain : `${plain.slice(0, 33)}_${digest}`
    taken.add(slug)
    return slug
  })
}
