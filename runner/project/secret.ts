/** A secret is a type: it prints `[redacted]` everywhere, and only the code that logs in may call reveal(). */
import { inspect } from 'node:util'

export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Only a destination's or warehouse's login code calls this. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[redacted]'
  }

  toJSON(): string {
    return '[redacted]'
  }

  [inspect.custom](): string {
    return '[redacted]'
  }
}

/** A setting as text, whether or not it is wrapped. Only login code may call this. */
export function revealSetting(value: string | number | boolean | Secret | undefined): string | undefined {
  if (value === undefined) return undefined
  return value instanceof Secret ? value.reveal() : String(value)
}
