/**
 * The production templates, rendered once per sync: a run differs from the next in a few values only, which are put into the
 * rendered text. A test compares what comes out with what the templates say themselves.
 */
import type { Rendered, RenderRequest, TemplateEnvironment } from '../../runner/compile/compile.ts'

const changing = ['id', 'plan_id', 'trace', 'now'] as const

/** Numbers that stand for these until the text is filled; no template computes with them. */
const numberMarks = { epoch: 987_654_321, resolution_seq: 987_654_322 } as const

/** Macros that only put this argument somewhere: it differs with every run, and what is around it does not. */
const passedThrough: Readonly<Record<string, number>> = {
  'sql.create_table_as': -1,
  'sql.create_view_as': -1,
  'sql.insert_select': -1,
  'sql.cast': 0,
  'sql.md5': 0,
}

/** Ids and hashes inside arguments, which no macro reads. */
const ids = /(?:(?:run|plan)_)?[0-9a-f]{16,64}/g

export function cachedEnvironment(environment: TemplateEnvironment): TemplateEnvironment {
  const rendered = new Map<string, Rendered>()
  const called = new Map<string, string>()
  const cachedCall = (macro: string, args: readonly unknown[]): string => {
    const key = `${macro}\n${JSON.stringify(args)}`
    const known = called.get(key)
    if (known !== undefined) return known
    const text = environment.call(macro, args)
    if (called.size > 5_000) called.clear()
    called.set(key, text)
    return text
  }
  const cachedButIds = (macro: string, args: readonly unknown[]): string => {
    const found: string[] = []
    const put = (id: string): string => mark(String(found.push(id) - 1))
    const masked = args.map((arg) => (typeof arg === 'string' ? arg.replace(ids, put) : arg))
    const text = cachedCall(macro, masked)
    return found.length === 0 ? text : text.replace(/@@(\d+)@@/g, (_, index) => found[Number(index)] ?? '')
  }
  const cachedRender = (request: RenderRequest): Rendered => {
    const key = [request.file, JSON.stringify(request.context), request.text].join('\n')
    const made = rendered.get(key) ?? environment.render(request)
    rendered.set(key, made)
    return made
  }
  return {
    has: (macro) => environment.has(macro),
    call: (macro, args, context) => {
      if (context !== undefined) return environment.call(macro, args, context)
      if (macro === 'sql.text_literal' && isPlain(args)) return `'${args[0]}'`
      const place = passedThrough[macro]
      const passed = place === undefined ? undefined : args.at(place)
      if (place === undefined || typeof passed !== 'string') return cachedButIds(macro, args)
      return cachedButIds(macro, args.with(place, mark('passed'))).replaceAll(mark('passed'), () => passed)
    },
    render: (request) => {
      const { sync, run } = request.context
      if (sync === undefined || run === undefined) return cachedRender(request)
      const key = [request.file, sync.name, sync.mapping_hash, lasting(run), request.text].join('\n')
      const template = rendered.get(key) ?? environment.render(marked(request, run))
      rendered.set(key, template)
      return { ...template, sql: filled(template.sql, run), config: template.config }
    },
  }
}

/** One text without anything to escape. */
function isPlain(args: readonly unknown[]): boolean {
  return args.length === 1 && typeof args[0] === 'string' && !/['\\]/.test(args[0])
}

type Run = Readonly<Record<string, unknown>>

/** What a template may decide by. */
function lasting(run: Run): string {
  const { id: _, plan_id: __, trace: ___, now: ____, epoch: _____, resolution_seq: ______, ...rest } = run
  return JSON.stringify({ ...rest, removal: markedRemoval(run.removal) })
}

function mark(name: string): string {
  return `@@${name}@@`
}

/** The moment that removals wait for moves with the clock; templates only print it. */
function markedRemoval(removal: unknown): unknown {
  return isRemoval(removal) ? { ...removal, missed_before: mark('missed_before') } : removal
}

function isRemoval(value: unknown): value is { missed_before: string } {
  return typeof value === 'object' && value !== null && 'missed_before' in value
}

function marked(request: RenderRequest, run: Run): RenderRequest {
  const marks = Object.fromEntries(changing.map((name) => [name, mark(name)]))
  const removal = markedRemoval(run.removal)
  return { ...request, context: { ...request.context, run: { ...run, ...marks, ...numberMarks, removal } } }
}

function filled(sql: string, run: Run): string {
  const texts = new Map<string, unknown>(changing.map((name) => [mark(name), run[name]]))
  if (isRemoval(run.removal)) texts.set(mark('missed_before'), run.removal.missed_before)
  for (const [name, number] of Object.entries(numberMarks)) texts.set(String(number), run[name])
  return sql.replace(/@@[a-z_]+@@|98765432\d/g, (word) => String(texts.has(word) ? texts.get(word) : word))
}
