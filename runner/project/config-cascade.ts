/** `+key` defaults of project.yml: by folder, the nearest folder wins, tags add up. */
import type { z } from 'zod'
import { checkShape } from './check-shape.ts'
import type { LoadContext } from './load-context.ts'
import { mergeTrees } from './merge-trees.ts'
import { isTree, type PathPart, scalarText, type Tree } from './places.ts'

export interface CascadeRequest {
  root: Tree
  /** `models`, `seeds` or `syncs`. */
  section: 'models' | 'seeds' | 'syncs'
  /** What the + keys of a level may say. */
  schema: z.ZodObject
  /** Folders, file stem and name of every resource: what a level may be called. */
  resources: readonly (readonly string[])[]
}

/** Merges the levels a resource lies under; `steps` are its folders, file stem and name. */
export class ConfigCascade {
  readonly #section: Tree | undefined
  readonly #projectName: unknown
  readonly #context: LoadContext

  constructor(request: CascadeRequest, context: LoadContext) {
    const section = request.root[request.section]
    this.#section = isTree(section) ? section : undefined
    this.#projectName = request.root.name
    this.#context = context
    if (this.#section !== undefined) this.#check(this.#section, [], request)
  }

  for(steps: readonly string[]): Tree {
    const nothing: Tree = Object.create(null) as Tree
    if (this.#section === undefined) return nothing
    let config = mergeTrees(nothing, this.#configOf(this.#section), this.#context.places)
    for (const level of this.#levels(this.#section, steps)) {
      config = mergeTrees(config, this.#configOf(level), this.#context.places)
    }
    return config
  }

  /** dbt projects put the project's own name above the folders. */
  #levels(section: Tree, steps: readonly string[]): Tree[] {
    const named = section[scalarText(this.#projectName)]
    const roots = isTree(named) ? [section, named] : [section]
    const levels = isTree(named) ? [named] : []
    for (const root of roots) {
      let level: unknown = root
      for (const step of steps) {
        const next: unknown = isTree(level) ? level[step] : undefined
        // A file may be called like its only sync: the same level counts once, and a missing step is passed over.
        if (!isTree(next)) continue
        level = next
        levels.push(next)
      }
    }
    return levels
  }

  #configOf(level: Tree): Tree {
    const config: Tree = Object.create(null) as Tree
    const { places } = this.#context
    for (const key of Object.keys(level).filter((k) => k.startsWith('+'))) {
      const bare = key.slice(1)
      config[bare] = level[key]
      const place = places.get(level, key)
      if (place !== undefined) places.set(config, bare, place)
    }
    return config
  }

  #check(level: Tree, path: readonly string[], request: CascadeRequest): void {
    const { places, problems } = this.#context
    const what = `${request.section} of project.yml`
    const ignore = (problem: { code: string }) => problem.code === 'E-CFG-MISSING'
    checkShape(request.schema, this.#configOf(level), { places, problems, what, ignore, keyPrefix: '+' })
    for (const key of Object.keys(level).filter((k) => !k.startsWith('+'))) {
      const inner = level[key]
      if (isTree(inner) && !(key in request.schema.shape)) this.#checkFolder(level, [...path, key], request)
      else this.#noPlus(level, key, request)
    }
  }

  #checkFolder(level: Tree, path: readonly string[], request: CascadeRequest): void {
    const key = path.at(-1) ?? ''
    const inner = level[key]
    const folders = path[0] === this.#projectName ? path.slice(1) : path
    const used = folders.length === 0 || request.resources.some((steps) => isSubsequence(folders, steps))
    if (!used) {
      this.#context.problems.add({
        code: 'W-CFG-UNUSED',
        message: `no ${request.section.slice(0, -1)} lies under "${path.join('.')}", so these defaults apply to nothing`,
        at: this.#context.places.at(level, [key], 'key'),
        help: 'name a folder, or remove it',
      })
    }
    if (isTree(inner)) this.#check(inner, path, request)
  }

  #noPlus(level: Tree, key: string, request: CascadeRequest): void {
    const known = key in request.schema.shape
    this.#context.problems.add({
      code: known ? 'E-CFG-UNKNOWN' : 'E-CFG-TYPE',
      message: known ? `"${key}" needs a + here` : `"${key}" must be a folder with defaults below it`,
      at: this.#context.places.at(level, [key], 'key'),
      ...(known && { hint: `did you mean "+${key}"?` }),
      help: 'defaults are written with +, folders without',
    })
  }
}

function isSubsequence(folders: readonly PathPart[], steps: readonly string[]): boolean {
  let from = 0
  return folders.every((folder) => {
    const found = steps.indexOf(String(folder), from)
    from = found + 1
    return found !== -1
  })
}
