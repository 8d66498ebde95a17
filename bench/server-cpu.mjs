// CPU of a server with all its processes, from Linux: those that live, and those that it has already buried.
import { readdirSync, readFileSync } from 'node:fs'

const tickMicros = 10_000

/** @param {number} pid @returns {number} microseconds */
export function serverMicros(pid) {
  const own = statOf(pid)
  if (own === undefined) return 0
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(name) ?? [])
    .filter((stat) => stat.parent === pid)
  const ticks = own.ticks + own.buriedTicks + children.reduce((sum, { ticks }) => sum + ticks, 0)
  return ticks * tickMicros
}

function statOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ').map(Number)
    return { parent: fields[1], ticks: fields[11] + fields[12], buriedTicks: fields[13] + fields[14] }
  } catch {
    // It ended while the list was read.
    return undefined
  }
}
