/** What changed between two versions of a sync, one line per setting. Items of lists are told apart by their name. Pure. */

export interface ConfigChange {
  /** `fields[Plan__c].on_null`. */
  setting: string
  before: string | null
  after: string | null
}

/** Two JSON texts; a text that is none is one setting of its own. */
export function configDiff(before: string | null, after: string | null): ConfigChange[] {
  const [old, now] = [settingsOf(before), settingsOf(after)]
  const names = [...new Set([...old.keys(), ...now.keys()])].sort()
  return names
    .map((setting) => ({ setting, before: old.get(setting) ?? null, after: now.get(setting) ?? null }))
    .filter((change) => change.before !== change.after)
}

function settingsOf(text: string | null): Map<string, string> {
  const settings = new Map<string, string>()
  if (text !== null) collect('', parsed(text), settings)
  return settings
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function collect(path: string, value: unknown, settings: Map<string, string>): void {
  if (Array.isArray(value) && value.some(isObject)) {
    for (const [i, item] of value.entries()) collect(`${path}[${nameOf(item) ?? i}]`, item, settings)
    return
  }
  if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) collect(path === '' ? key : `${path}.${key}`, item, settings)
    return
  }
  settings.set(path, typeof value === 'string' ? value : JSON.stringify(value))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What people call an item: the field it writes, its own name, or the column it is about. */
function nameOf(item: unknown): string | undefined {
  if (!isObject(item)) return undefined
  const names = [item.to, item.name, [item.column, item.rule].filter((part) => typeof part === 'string').join(' ')]
  return names.find((name): name is string => typeof name === 'string' && name !== '')
}
