import type { Random } from './ports.ts'

/** 128 random bits in the usual groups. */
export function newUuid(random: Random): string {
  const hex = random.hex(16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
