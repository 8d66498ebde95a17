/** Collects the problems of one phase, so that all of them are reported together and none twice. */
import { BackfeedError, type Problem } from '../errors.ts'

export class ProblemList {
  readonly #problems = new Map<string, Problem>()

  add(problem: Problem): void {
    const { file = '', line = 0, column = 0 } = problem.at ?? {}
    this.#problems.set(`${file}:${line}:${column} ${problem.code} ${problem.message}`, problem)
  }

  get errors(): readonly Problem[] {
    return this.#sorted().filter((p) => p.code.startsWith('E-'))
  }

  get warnings(): readonly Problem[] {
    return this.#sorted().filter((p) => p.code.startsWith('W-'))
  }

  throwIfAny(): void {
    if (this.errors.length > 0) throw new BackfeedError(this.errors)
  }

  #sorted(): Problem[] {
    return [...this.#problems.values()].sort(byPosition)
  }
}

function byPosition(a: Problem, b: Problem): number {
  const byFile = compareText(a.at?.file ?? '', b.at?.file ?? '')
  if (byFile !== 0) return byFile
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
