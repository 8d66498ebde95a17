import type { ApiHandler } from '../api-call.ts'
import {
  changeIngest,
  createIngest,
  deleteIngest,
  ingestFile,
  ingestInfo,
  listIngest,
  uploadIngest,
} from './ingest-routes.ts'
import {
  abortQuery,
  createQuery,
  deleteQuery,
  listQueries,
  queryInfo,
  queryResultPages,
  queryResults,
} from './query-routes.ts'

/** Bulk API 2.0 by path below the version; the first that fits answers. */
export const BULK_ROUTES: Readonly<Record<string, Readonly<Record<string, ApiHandler>>>> = {
  'jobs/ingest': { GET: listIngest, POST: createIngest },
  'jobs/ingest/*': { GET: ingestInfo, PATCH: changeIngest, DELETE: deleteIngest },
  'jobs/ingest/*/batches': { PUT: uploadIngest },
  'jobs/ingest/*/*': { GET: ingestFile },
  'jobs/query': { GET: listQueries, POST: createQuery },
  'jobs/query/*': { GET: queryInfo, PATCH: abortQuery, DELETE: deleteQuery },
  'jobs/query/*/results': { GET: queryResults },
  'jobs/query/*/resultPages': { GET: queryResultPages },
}
