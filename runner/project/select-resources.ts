/**
 * dbt's selector grammar over a small graph. Pure: the graph is handed in.
 * Words are united, words joined by a comma are intersected: `tag:crm,destination:hubspot other_sync+`.
 */
import { BackfeedError } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'

export type ResourceKind = 'model' | 'seed' | 'source' | 'sync'

export interface Resource {
  /** Unique in the graph; kinds may share names. */
  id: string
  kind: ResourceKind
  name: string
  /** Relative to the project; what `path:` goes by. */
  file: string
  tags: readonly string[]
  /** Of a sync: `salesforce` or `hubspot`, object, connection. */
  destination?: string
  object?: string
  connection?: string
}

export interface ResourceGraph {
  /** In the order they are to be listed. */
  resources: readonly Resource[]
  /** `from` feeds `to`: model to model, model to sync, sync to the sync that depends on it. */
  edges: readonly { from: string; to: string }[]
}

export interface Selection {
  /** Absent or empty: everything. */
  select?: readonly string[]
  exclude?: readonly string[]
}

/** Resources in the order of the graph. Throws E-CLI-SELECT for a selector that matches nothing, or cannot be read. */
export function selectResources(graph: ResourceGraph, selection: Selection): readonly Resource[] {
  const select = wordsOf(selection.select)
  const exclude = wordsOf(selection.exclude)
  const chosen = select.length === 0 ? new Set(graph.resources.map((r) => r.id)) : union(select, graph)
  const excluded = union(exclude, graph)
  const left = graph.resources.filter((r) => chosen.has(r.id) && !excluded.has(r.id))
  if (left.length > 0 || graph.resources.length === 0) return left
  throw selectError(`nothing is left of "${select.join(' ') || 'everything'}" after --exclude ${exclude.join(' ')}`)
}

function wordsOf(texts: readonly string[] | undefined): string[] {
  return (texts ?? []).flatMap((text) => text.split(/\s+/)).filter((word) => word !== '')
}

function union(words: readonly string[], graph: ResourceGraph): Set<string> {
  return new Set(words.flatMap((word) => [...intersection(word, graph)]))
}

/** An intersection may be empty; a part of it that matches nothing by itself is a slip. */
function intersection(word: string, graph: ResourceGraph): Set<string> {
  const [first, ...rest] = word.split(',').map((atom) => matchAtom(atom, graph))
  return new Set([...(first ?? [])].filter((id) => rest.every((other) => other.has(id))))
}

interface Atom {
  method: Method
  value: string
  /** Generations upwards and downwards; Infinity for a plain +. */
  up: number
  down: number
}

const METHODS = ['name', 'tag', 'path', 'resource_type', 'destination', 'object', 'connection'] as const
type Method = (typeof METHODS)[number]

const ATOM = /^(?:(\d*)(\+))?(?:([a-z_]+):)?([^+]+?)(?:(\+)(\d*))?$/

function parseAtom(text: string): Atom {
  const [, upCount = '', up, method = 'name', value = '', down, downCount = ''] = ATOM.exec(text) ?? []
  if (value === '') throw selectError(`"${text}" is not a selector`, 'write a name, +name, name+, tag:x, path:x, …')
  const known = METHODS.find((name) => name === method)
  if (known === undefined) throw selectError(`"${method}:" is not a way to select`, suggestName(method, METHODS))
  return { method: known, value, up: generations(up, upCount), down: generations(down, downCount) }
}

function generations(plus: string | undefined, count: string): number {
  if (plus === undefined) return 0
  return count === '' ? Number.POSITIVE_INFINITY : Number(count)
}

function matchAtom(text: string, graph: ResourceGraph): Set<string> {
  const atom = parseAtom(text)
  const found = graph.resources.filter((resource) => matches(resource, atom))
  if (found.length === 0) throw noMatch(atom, graph)
  const ids = found.map((resource) => resource.id)
  const known = new Set(graph.resources.map((resource) => resource.id))
  const upwards = walk(ids, atom.up, (id) => graph.edges.filter((e) => e.to === id).map((e) => e.from))
  const downwards = walk(ids, atom.down, (id) => graph.edges.filter((e) => e.from === id).map((e) => e.to))
  return new Set([...upwards, ...downwards].filter((id) => known.has(id)))
}

function walk(start: readonly string[], generationCount: number, next: (id: string) => string[]): Set<string> {
  const seen = new Set(start)
  let edge: readonly string[] = start
  for (let generation = 0; generation < generationCount && edge.length > 0; generation++) {
    edge = edge.flatMap(next).filter((id) => !seen.has(id))
    for (const id of edge) seen.add(id)
  }
  return seen
}

function matches(resource: Resource, atom: Atom): boolean {
  if (atom.method === 'path') return matchesPath(resource.file, atom.value)
  return valuesOf(resource, atom.method).some((value) => globMatches(atom.value, value, atom.method !== 'name'))
}

function valuesOf(resource: Resource, method: Exclude<Method, 'path'>): readonly string[] {
  if (method === 'tag') return resource.tags
  const value = method === 'resource_type' ? resource.kind : resource[method]
  return value === undefined ? [] : [value]
}

/** A folder matches what lies below it, a file itself, and `*` anything but a slash. */
function matchesPath(file: string, value: string): boolean {
  const path = value.replace(/^\.\//, '').replace(/\/+$/, '')
  const parts = file.split('/')
  return parts.some((_, index) => globMatches(path, parts.slice(0, index + 1).join('/'), false))
}

function globMatches(pattern: string, value: string, ignoreCase: boolean): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${source.join('[^/]*')}$`, ignoreCase ? 'i' : '').test(value)
}

function noMatch(atom: Atom, graph: ResourceGraph): BackfeedError {
  const { method, value } = atom
  const have =
    method === 'path' ? graph.resources.map((r) => r.file) : graph.resources.flatMap((r) => valuesOf(r, method))
  const what = method === 'name' ? `no resource matches "${value}"` : `nothing has ${method} "${value}"`
  return selectError(what, suggestName(value, [...new Set(have)]))
}

function selectError(message: string, hint?: string): BackfeedError {
  return new BackfeedError({
    code: 'E-CLI-SELECT',
    message,
    ...(hint !== undefined && { hint }),
    help: 'list what there is with `backfeed ls`',
  })
}
