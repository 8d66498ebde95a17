/** A warehouse whose clock is ahead of the machine's by what a test says, so that time can pass without anybody waiting. */
import type { AtomicStep, Warehouse } from '../../runner/warehouse/warehouse.ts'

/** How the engines say what time it is: macros/dialect, now_utc and seconds_from_now. */
const nowPattern = /\b(?:clock_timestamp|now)\(\)/g

export function shiftedWarehouse(warehouse: Warehouse, shiftMs: () => number): Warehouse {
  const shifted = (sql: string): string => {
    const ms = Math.round(shiftMs())
    return ms === 0 ? sql : sql.replaceAll(nowPattern, (now) => `(${now} + interval '${ms} milliseconds')`)
  }
  const step = (each: AtomicStep): AtomicStep => (typeof each === 'string' ? shifted(each) : each)
  return {
    name: warehouse.name,
    capabilities: warehouse.capabilities,
    exec: (sql, o) => warehouse.exec(shifted(sql), o),
    rows: (sql, o) => warehouse.rows(shifted(sql), o),
    page: (table, columns, range, o) => warehouse.page(table, columns, range, o),
    append: (table, columns, rows, o) => warehouse.append(table, columns, rows, o),
    atomic: (steps, o) => warehouse.atomic(steps.map(step), o),
    columns: (table) => warehouse.columns(table),
    estimate: (sql) => warehouse.estimate(sql),
    release: () => warehouse.release(),
    close: () => warehouse.close(),
  }
}
