/** `model: ref('x')` and `model: source('s', 't')`. */
import type { Position, Problem } from '../errors.ts'
import type { Place } from './places.ts'
import type { ModelReference } from './project.ts'

const REF = /^\s*ref\(\s*(?:'([^']*)'|"([^"]*)")\s*\)\s*$/
const SOURCE = /^\s*source\(\s*(?:'([^']*)'|"([^"]*)")\s*,\s*(?:'([^']*)'|"([^"]*)")\s*\)\s*$/

/** The position is that of the name inside the call, when it can be known. */
export function parseModelReference(text: string, place: Place | undefined, at: Position): ModelReference | Problem {
  const ref = REF.exec(text)
  const model = ref?.[1] ?? ref?.[2]
  if (model !== undefined) return { kind: 'ref', name: model, at: inside(text, model, place) ?? at }
  const source = SOURCE.exec(text)
  const name = source?.[1] ?? source?.[2]
  const table = source?.[3] ?? source?.[4]
  if (name !== undefined && table !== undefined) {
    return { kind: 'source', source: name, table, at: inside(text, name, place) ?? at }
  }
  if (/^\s*ref\(.*,.*\)\s*$/.test(text)) {
    return {
      code: 'E-CFG-NOTYET',
      message: '`ref` with a package or a version is not supported yet',
      at,
      help: "write ref('model')",
    }
  }
  const bare = /^[a-z_][a-z0-9_]*$/.test(text)
  return {
    code: 'E-CFG-VALUE',
    message: "\"model\" must be ref('…') or source('…', '…')",
    at,
    ...(bare && { hint: `did you mean ref('${text}')?` }),
    help: "write model: ref('name_of_the_model')",
  }
}

function inside(text: string, name: string, place: Place | undefined): Position | undefined {
  const offset = text.search(/['"]/) + 1
  if (place?.textColumn === undefined || place.source !== text) return undefined
  return {
    file: place.at.file,
    line: place.at.line,
    column: place.textColumn + offset,
    length: Math.max(name.length, 1),
  }
}
