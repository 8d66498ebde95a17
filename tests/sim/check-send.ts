/** Looked at as a request leaves: what must be durable by then, and who may send at all. */
import type { SentRequest } from './crm-store.ts'
import type { RunRecord, World } from './world.ts'

export function findSendProblems(world: World, { runId, process }: RunRecord, sent: SentRequest): void {
  const { store } = world.stage
  const intended = store.select(`select r.change_id from backfeed.sync_plan_row as r
join backfeed.sync_plan as p on p.plan_id = r.plan_id
join backfeed.sync_intent as i on i.plan_id = r.plan_id and r.batch_no between i.batch_from and i.batch_to
where i.run_id = '${runId}' and r.decision = 'send'`)
  const durable = new Set(intended.map(([changeId]) => changeId))
  const others = sent.request.changes.map(({ changeId }) => changeId).filter((changeId) => !durable.has(changeId))
  if (others.length > 0)
    world.violated('intent before send', `${process.name} sends ${others.join(', ')} without a durable intent`)
  const [lease] = store.select('select run_id, epoch from backfeed.sync_lease')
  if (lease?.[0] !== runId)
    world.violated('lease before send', `${process.name} sends while ${lease?.[0]} holds the lease`)
}
