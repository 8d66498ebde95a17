import { choice, optional, record, strictKeys, text } from '../../core/control-input.ts'
import { type BulkControl, ControlError } from '../../core/crm.ts'
import type { Org } from '../org.ts'
import type { AnyJob } from './bulk-jobs.ts'
import { isOver } from './ingest-job.ts'
import { fullInfo, fullQueryInfo } from './job-info.ts'

/** `/bulk/salesforce` of the control plane. */
export function bulkControl(org: Org): BulkControl {
  return {
    settings: () => org.bulk.settings,
    configure: (input) => org.bulk.configure(input),
    jobs: () => org.bulk.all().map((job) => shown(org, job)),
    endJob: (id, input) => endJob(org, id, input),
  }
}

function endJob(org: Org, id: string, body: unknown): unknown {
  const input = record(body, 'body')
  strictKeys(input, ['state', 'error_message'], 'body')
  const state = choice(input.state, ['Aborted', 'Failed'], 'state')
  const { error_message } = optional('error_message', input.error_message, (value) => text(value, 'error_message'))
  const job = org.bulk.find(id)
  if (job === undefined) throw new ControlError(404, `no bulk job '${id}'`)
  if (isOver(job)) throw new ControlError(409, `bulk job ${id} is over: ${job.state}`)
  org.bulk.end(job, state, error_message)
  return shown(org, job)
}

function shown(org: Org, job: AnyJob): unknown {
  return job.kind === 'ingest' ? fullInfo(org, job) : fullQueryInfo(org, job)
}
