import { BackfeedError, type Problem } from '../errors.ts'
import type { SourceFile } from '../project/project.ts'
import { type KnownNames, nodePosition } from './check-names.ts'
import { macrosOf } from './check-template.ts'
import type { TemplateEnvironmentOptions } from './compile.ts'
import type { TemplateNode } from './nunjucks-internals.ts'
import { parseTemplate } from './parse-template.ts'
import { BUILTIN_FUNCTIONS, BUILTIN_OBJECTS, BUILTIN_VALUES } from './template-names.ts'

export interface MacroFile {
  source: SourceFile
  tree: TemplateNode
  origin: 'dialect' | 'package' | 'project'
  /** `sql` for dialect files, the folder or file name for the package's, empty for the project's. */
  namespace: string
}

export interface MacroLibrary {
  files: readonly MacroFile[]
  problems: readonly Problem[]
  namespaces: ReadonlyMap<string, readonly string[]>
  projectNames: readonly string[]
  knownTo(file: MacroFile): KnownNames
  /** Which file each member of each namespace comes from, files given as numbers. */
  layout(id: (file: MacroFile) => number): {
    namespaces: Record<string, Record<string, number>>
    project: Record<string, number>
  }
}

type Members = Map<string, MacroFile>

/** Parse all macro files and lay dialects over each other; nothing is evaluated. */
export function readMacros(options: TemplateEnvironmentOptions): MacroLibrary {
  const problems: Problem[] = []
  const files = parseAll(options, problems)
  const spaces = new Map<string, Members>([['sql', new Map()]])
  for (const file of files) addFile(file, spaces, problems)
  const project = spaces.get('') ?? new Map()
  spaces.delete('')
  problems.push(...shadowing(project, spaces))
  const namespaces = new Map([...spaces].map(([name, members]) => [name, [...members.keys()]]))
  const projectNames = [...project.keys()]
  return {
    files,
    problems,
    namespaces,
    projectNames,
    knownTo: (file) => ({
      namespaces,
      macros: file.origin === 'project' ? projectNames : [],
      qualifyOwn: file.origin === 'dialect',
    }),
    layout: (id) => ({
      namespaces: Object.fromEntries([...spaces].map(([name, members]) => [name, numbered(members, id)])),
      project: numbered(project, id),
    }),
  }
}

/** `macros/standardize/email.sql` belongs to `standardize`, `macros/policies.sql` is `policies`. */
export function namespaceOf(file: string): string {
  const parts = file.replace(/^.*?macros\//, '').split('/')
  return parts.length > 1 ? (parts[0] ?? '') : (parts[0] ?? '').replace(/\.[^.]+$/, '')
}

function parseAll(options: TemplateEnvironmentOptions, problems: Problem[]): MacroFile[] {
  const files: MacroFile[] = []
  const parse = (
    sources: readonly SourceFile[],
    origin: MacroFile['origin'],
    namespace: (file: string) => string,
  ): void => {
    for (const source of sources) {
      try {
        files.push({ source, tree: parseTemplate(source), origin, namespace: namespace(source.file) })
      } catch (error) {
        if (!(error instanceof BackfeedError)) throw error
        problems.push(...error.problems)
      }
    }
  }
  parse(options.dialectFiles, 'dialect', () => 'sql')
  parse(options.packageMacros, 'package', namespaceOf)
  parse(options.projectMacros, 'project', () => '')
  return files
}

/** A later dialect file overrides an earlier one; everywhere else a name belongs to one macro. */
function addFile(file: MacroFile, spaces: Map<string, Members>, problems: Problem[]): void {
  const members = spaces.get(file.namespace) ?? new Map<string, MacroFile>()
  spaces.set(file.namespace, members)
  const here = new Set<string>()
  for (const { name, node } of macrosOf(file.tree)) {
    const earlier = members.get(name)
    const twice = here.has(name) || (earlier !== undefined && file.origin !== 'dialect')
    here.add(name)
    if (twice) {
      const message = `macro "${name}" is also defined in ${(earlier ?? file).source.file}`
      problems.push({ code: 'E-CFG-DUPNAME', message, at: nodePosition(node, file.source.file) })
    } else if (!name.startsWith('_')) members.set(name, file)
  }
}

function shadowing(project: Members, spaces: ReadonlyMap<string, Members>): Problem[] {
  const taken = new Set<string>([
    ...BUILTIN_FUNCTIONS,
    ...BUILTIN_VALUES,
    ...Object.keys(BUILTIN_OBJECTS),
    ...spaces.keys(),
  ])
  return [...project].flatMap(([name, file]) => {
    if (!taken.has(name)) return []
    const node = macrosOf(file.tree).find((macro) => macro.name === name)?.node ?? file.tree
    const message = `"${name}" is the name of a built-in, a macro cannot have it`
    return [{ code: 'E-CFG-DUPNAME' as const, message, at: nodePosition(node, file.source.file) }]
  })
}

function numbered(members: Members, id: (file: MacroFile) => number): Record<string, number> {
  return Object.fromEntries([...members].map(([name, file]) => [name, id(file)]))
}
