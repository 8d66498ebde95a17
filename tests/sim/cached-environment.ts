/**
 * The production templates, rendered once per sync: a run differs from the next in a few values only, which are put into the
 * rendered text. A test compares what comes out with what the templates say themselves.
 */
import type { Rendered, RenderRequest, TemplateEnvironment } from '../../runner/compile/compile.ts'

const changing = ['id', 'plan_id', 'trace', 'now'] as const

/** Macros that only put this argument somewhere: it differs with every run, and what is around it does not. */
const passedThrough: Readonly<Record<string, number>> = {
  'sql.create_table_as': -1,
  'sql.create_view_as': -1,
  'sql.insert_select': -1,
  'sql.cast': 0,
  'sql.md5': 0,
}

/** Numbers that stand for these until the text is filled; no template computes with them. */
const numberMarks = { epoch: 987_654_321, resolution_seq: 987_654_322 } as const

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
  return {
    has: (macro) => environment.has(macro),
    call: (macro, args, context) => {
      if (context !== undefined) return environment.call(macro, args, context)
      const place = passedThrough[macro]
      const passed = place === undefined ? undefined : args.at(place)
      if (place === undefined || typeof passed !== 'string') return cachedCall(macro, args)
      return cachedCall(macro, args.with(place, mark('passed'))).replaceAll(mark('passed'), () => passed)
    },
    render: (request) => {
      const { sync, run } = request.context
      if (sync === undefined || run === undefined) return environment.render(request)
      const key = [request.file, sync.name, sync.mapping_hash, lasting(run), request.text].join('\n')
      const template = rendered.get(key) ?? environment.render(marked(request, run))
      rendered.set(key, template)
      return { ...template, sql: filled(template.sql, run), config: template.config }
    },
  }
}

/** What a template may decide by. */
function lasting(run: Readonly<Record<string, unknown>>): string {
  const { id: _, plan_id: __, trace: ___, now: ____, epoch: _____, resolution_seq: ______, ...rest } = run
  return JSON.stringify(rest)
}

function mark(name: string): string {
  return `@@${name}@@`
}

function marked(request: RenderRequest, run: Readonly<Record<string, unknown>>): RenderRequest {
  const marks = Object.fromEntries(changing.map((name) => [name, mark(name)]))
  return { ...request, context: { ...request.context, run: { ...run, ...marks, ...numberMarks } } }
}

function filled(sql: string, run: Readonly<Record<string, unknown>>): string {
  const filledTexts = changing.reduce((text, name) => text.replaceAll(mark(name), String(run[name])), sql)
  const numbers = Object.entries(numberMarks)
  return numbers.reduce((text, [name, number]) => text.replaceAll(String(number), String(run[name])), filledTexts)
}
