import type { Position, Problem } from '../errors.ts'

export interface GraphModel {
  name: string
  /** Models it reads, with the place of the first ref() to each. */
  reads: ReadonlyMap<string, Position>
}

/** Every model after those it reads; among equals by name. Problems E-TPL-CYCLE name each ref of a cycle. */
export function orderModels(models: readonly GraphModel[]): { order: string[]; problems: Problem[] } {
  const byName = new Map(models.map((model) => [model.name, model]))
  const order: string[] = []
  const problems: Problem[] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (model: GraphModel): void => {
    if (done.has(model.name)) return
    const start = path.indexOf(model.name)
    if (start !== -1) {
      problems.push(cycleProblem(path.slice(start), byName))
      return
    }
    path.push(model.name)
    for (const name of [...model.reads.keys()].sort()) {
      const read = byName.get(name)
      if (read !== undefined) visit(read)
    }
    path.pop()
    done.add(model.name)
    order.push(model.name)
  }
  for (const model of [...models].sort((a, b) => (a.name < b.name ? -1 : 1))) visit(model)
  return { order, problems }
}

function cycleProblem(cycle: readonly string[], models: ReadonlyMap<string, GraphModel>): Problem {
  const closed = [...cycle, cycle[0] ?? '']
  const places = cycle.flatMap((name, i) => models.get(name)?.reads.get(closed[i + 1] ?? '') ?? [])
  const [first] = places
  const written = places.map((at, i) => `${closed[i]} reads ${closed[i + 1]} at ${at.file}:${at.line}:${at.column}`)
  return {
    code: 'E-TPL-CYCLE',
    message: `models read each other in a circle: ${closed.join(' -> ')}`,
    ...(first === undefined ? {} : { at: first }),
    hint: written.join('; '),
    help: 'take one of these refs out',
  }
}
