import { optional, record, strictKeys, text } from '../../core/control-input.ts'
import { ControlError } from '../../core/crm.ts'
import type { Org } from '../org.ts'
import { canonicalId } from '../record-id.ts'

/**
 * Acts of an administrator through the control plane: `expire-tokens` ({token?}: one or all known ones), `merge`
 * ({object, master, merged: [ids]}), `counters`. Throws ControlError.
 */
export function adminAct(org: Org, name: string, input: unknown): unknown {
  switch (name) {
    case 'expire-tokens':
      return expireTokens(org, input)
    case 'merge':
      return merge(org, input)
    case 'counters':
      return { assignments: org.assignments, api_requests: org.usage.state.used }
    default:
      throw new ControlError(404, `no act '${name}'; there are expire-tokens, merge, counters`)
  }
}

function expireTokens(org: Org, input: unknown): undefined {
  const given = record(input ?? {}, 'body')
  strictKeys(given, ['token'], 'body')
  const { token } = optional('token', given.token, (v) => text(v, 'token'))
  if (token === undefined) org.sessions.endAll()
  else org.sessions.end(token)
}

/** The merged records go to the recycle bin, naming the one that stays. */
function merge(org: Org, input: unknown): unknown {
  const given = record(input, 'body')
  strictKeys(given, ['object', 'master', 'merged'], 'body')
  const object = org.schema.whole(text(given.object, 'object'))
  if (object === undefined) throw new ControlError(404, `Salesforce has no object '${String(given.object)}'`)
  if (!object.byName.has('masterrecordid')) throw new ControlError(400, `${object.name} records cannot be merged`)
  const live = (value: unknown): string => {
    const id = canonicalId(String(value)) ?? ''
    if (org.store.get(object.name, id) === undefined) throw new ControlError(400, `no ${object.name} ${String(value)}`)
    return id
  }
  const master = live(given.master)
  const merged = Array.isArray(given.merged) ? given.merged.map(live) : []
  for (const id of merged) {
    org.store.update(object.name, id, {
      MasterRecordId: master,
      LastModifiedDate: org.now(),
      SystemModstamp: org.now(),
    })
    org.store.remove(object.name, id)
  }
  return { master, merged }
}
