/** `target/run_results.json` in dbt's top-level shape (schema v6), so that existing scrapers read it. */
import { join } from 'node:path'
import type { LogData } from '../log.ts'
import { writeAtomically } from './write-atomically.ts'

/** dbt's words; `partial success` is dbt's own for a node that did part of its work. */
export type ResultStatus = 'success' | 'error' | 'skipped' | 'partial success' | 'warn'

export interface NodeResult {
  /** `sync.<project>.<name>`, `model.<project>.<name>`, `seed.<project>.<name>`. */
  unique_id: string
  status: ResultStatus
  message: string | null
  execution_time: number
  timing: readonly { name: string; started_at: string; completed_at: string }[]
  thread_id: string
  failures: number | null
  adapter_response: LogData
  rows?: LogData
}

export interface RunResultsInput {
  version: string
  invocationId: string
  generatedAtMs: number
  elapsedSeconds: number
  args: Readonly<Record<string, unknown>>
  results: readonly NodeResult[]
}

export function runResults(input: RunResultsInput): object {
  return {
    metadata: {
      dbt_schema_version: null,
      backfeed_schema_version: 1,
      backfeed_version: input.version,
      generated_at: new Date(input.generatedAtMs).toISOString(),
      invocation_id: input.invocationId,
      env: {},
    },
    results: input.results,
    elapsed_time: input.elapsedSeconds,
    args: input.args,
  }
}

/** @throws BackfeedError E-CFG-PATH when the folder cannot be written. */
export function writeRunResults(targetDir: string, input: RunResultsInput): void {
  writeAtomically(join(targetDir, 'run_results.json'), `${JSON.stringify(runResults(input), null, 2)}\n`)
}

/** One timing entry that ends now and took `seconds`. */
export function timing(seconds: number, completedAtMs: number): NodeResult['timing'] {
  const iso = (ms: number): string => new Date(ms).toISOString()
  return [{ name: 'execute', started_at: iso(completedAtMs - seconds * 1000), completed_at: iso(completedAtMs) }]
}
