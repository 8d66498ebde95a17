/** Who or what started a run, and from which commit: read from the environment, no flags needed. */
import { execFile } from 'node:child_process'
import { hostname, userInfo } from 'node:os'
import { promisify } from 'node:util'

export type Environment = Readonly<Record<string, string | undefined>>

const orchestrators: readonly (readonly [string, string, readonly string[]])[] = [
  ['AIRFLOW_CTX_DAG_ID', 'airflow', ['AIRFLOW_CTX_DAG_ID', 'AIRFLOW_CTX_TASK_ID', 'AIRFLOW_CTX_DAG_RUN_ID']],
  ['GITHUB_RUN_ID', 'github', ['GITHUB_ACTOR', 'GITHUB_REPOSITORY', 'GITHUB_RUN_ID']],
  ['PREFECT__FLOW_RUN_ID', 'prefect', ['PREFECT__FLOW_RUN_ID']],
  ['DAGSTER_PIPES_CONTEXT', 'dagster', []],
]

export function actorOf(env: Environment): string {
  const match = orchestrators.find(([marker]) => env[marker])
  if (match) {
    const [, name, keys] = match
    return [name, ...keys.map((key) => env[key]).filter(Boolean)].join(':')
  }
  return `${userName(env)}@${hostname()}`
}

function userName(env: Environment): string {
  try {
    return userInfo().username
  } catch {
    return env.USER ?? 'unknown'
  }
}

/** The project's commit, or undefined outside a checkout. */
export async function gitSha(projectDir: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: projectDir, timeout: 2_000 })
    return stdout.trim() || undefined
  } catch {
    return undefined
  }
}
