/** `on_removed:` of a sync. */
import type { LoadContext } from './load-context.ts'
import type { Tree } from './places.ts'
import type { OnRemoved } from './sync-removal.ts'
import type { SyncInput } from './sync-schema.ts'
import { writtenScalar } from './written-scalar.ts'

const kinds = { string: 'text', number: 'number', boolean: 'bool' } as const

export function buildRemoval({ on_removed }: SyncInput, tree: Tree, { places }: LoadContext): { onRemoved: OnRemoved } {
  const at = places.at(tree, ['on_removed'])
  if (on_removed === undefined || on_removed === 'nothing') return { onRemoved: { action: 'nothing' } }
  if (typeof on_removed === 'string') return { onRemoved: { action: on_removed, at } }
  const fields = Object.entries(on_removed.set).map(([to, value]) => {
    const path = ['on_removed', 'set', to]
    return {
      to,
      value: writtenScalar({ root: tree, path, places }, value),
      valueKind: kinds[typeof value as keyof typeof kinds],
      onNull: 'ignore' as const,
      write: 'always' as const,
      at: places.at(tree, path, 'key'),
      valueAt: places.at(tree, path),
    }
  })
  return { onRemoved: { action: 'set', fields, at } }
}
