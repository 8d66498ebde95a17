import { ControlError } from './crm.ts'

/** Checks of control plane input. Each throws ControlError(400) with the place and what was expected. */

export function record(value: unknown, where: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new ControlError(400, `${where}: expected a JSON object`)
  }
  return value as Record<string, unknown>
}

export function records(value: unknown, where: string): readonly Record<string, unknown>[] {
  if (!Array.isArray(value)) throw new ControlError(400, `${where}: expected a JSON array of objects`)
  return value.map((one, index) => record(one, `${where}[${index}]`))
}

export function strictKeys(value: Record<string, unknown>, known: readonly string[], where: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    throw new ControlError(400, `${where}: unknown key '${unknown}'; expected one of ${known.join(', ')}`)
  }
}

export function text(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw new ControlError(400, `${where}: expected a text`)
  return value
}

export function bool(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') throw new ControlError(400, `${where}: expected true or false`)
  return value
}

export function count(value: unknown, limits: { min: number; max?: number; where: string }): number {
  const max = limits.max ?? Number.MAX_SAFE_INTEGER
  if (typeof value !== 'number' || !Number.isInteger(value) || value < limits.min || value > max) {
    const upTo = limits.max === undefined ? '' : ` up to ${limits.max}`
    throw new ControlError(400, `${limits.where}: expected a whole number from ${limits.min}${upTo}`)
  }
  return value
}

export function choice<T extends string>(value: unknown, known: readonly T[], where: string): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw new ControlError(400, `${where}: expected one of ${known.join(', ')}`)
  return found
}

/** `{name: parse(value)}`, or `{}` where the value is absent: for objects with exact optional members. */
export function optional<K extends string, T>(name: K, value: unknown, parse: (value: unknown) => T): { [P in K]?: T } {
  if (value === undefined) return {}
  return { [name]: parse(value) } as { [P in K]?: T }
}
