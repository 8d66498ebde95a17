/** The only importer of DuckDB's Node client. 1.5.5-r.5 is pinned: the native binding and its row converters move together. */
import type * as duckdb from '@duckdb/node-api'

export type DuckdbDriver = typeof duckdb
export type DuckdbConnection = duckdb.DuckDBConnection
export type DuckdbInstance = duckdb.DuckDBInstance
export type DuckdbResult = duckdb.DuckDBResult
export type DuckdbValue = duckdb.DuckDBValue

export function loadDuckdb(): Promise<DuckdbDriver> {
  return import('@duckdb/node-api')
}
