/** Looked at as a request leaves: what must be durable by then, and who may send at all. */
import type { SentRequest } from './crm-store.ts'
import type { RunRecord, World } from './world.ts'

export function findSendProblems(world: World, { runId, process }: RunRecord, sent: SentRequest): void {
  const { store } = world.stage
  const ids = sent.request.changes.map(({ changeId }) => `'${changeId}'`).join(', ')
  const intended = store.select(`select count(distinct r.change_id) from backfeed.sync_plan_row as r
join backfeed.sync_plan as p on p.plan_id = r.plan_id
join backfeed.sync_intent as i on i.plan_id = r.plan_id and r.batch_no between i.batch_from and i.batch_to
where i.run_id = '${runId}' and r.decision = 'send' and r.change_id in (${ids})`)
  if (Number(intended[0]?.[0]) !== sent.request.changes.length)
    world.violated('intent before send', `${process.name} sends ${ids} without a durable intent for all of them`)
  const [lease] = store.select('select run_id, epoch from backfeed.sync_lease')
  if (lease?.[0] !== runId)
    world.violated('lease before send', `${process.name} sends while ${lease?.[0]} holds the lease`)
}
