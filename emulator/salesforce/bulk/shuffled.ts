import type { EmulatorRandom } from '../../core/crm.ts'

/** The numbers below `size` in an order drawn from `random`. */
export function shuffled(size: number, random: EmulatorRandom): number[] {
  const order = Array.from({ length: size }, (_, index) => index)
  for (let last = size - 1; last > 0; last -= 1) {
    const other = Math.floor(random.next() * (last + 1))
    const moved = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = moved
  }
  return order
}
