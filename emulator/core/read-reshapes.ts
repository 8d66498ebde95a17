import { choice, record } from './control-input.ts'
import { RESHAPES, type Reshape } from './reshape.ts'

export function readReshapes(value: unknown, where: string): Record<string, Reshape> {
  const entries = Object.entries(record(value, where))
  return Object.fromEntries(entries.map(([name, one]) => [name, choice(one, RESHAPES, `${where}.${name}`)]))
}
