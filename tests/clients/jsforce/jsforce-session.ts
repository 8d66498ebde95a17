import { Connection } from 'jsforce'
import { type Org, TOKEN_SHAPED_LIKE_ONE } from '../org.ts'

export interface JsforceSession {
  org: Org
  connection: Connection
}

export function connect(org: Org): Connection {
  const connection = new Connection({ instanceUrl: org.url, accessToken: TOKEN_SHAPED_LIKE_ONE, version: '66.0' })
  connection.bulk2.pollInterval = 100
  connection.bulk2.pollTimeout = 15_000
  return connection
}

/** A connection that takes the session's token in place of one that does not work any more. */
export function refreshing(
  { org, connection }: JsforceSession,
  { token = String(connection.accessToken), onRefresh = () => {} }: { token?: string; onRefresh?: () => unknown } = {},
): Connection {
  return new Connection({
    instanceUrl: org.url,
    accessToken: token,
    version: '66.0',
    refreshFn: async (_, done) => {
      onRefresh()
      done(null, String(connection.accessToken))
    },
  })
}
